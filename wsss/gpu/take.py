"""What a stage does before torch looks for GPUs: take as many as it was given, wait for them, see no others."""

from __future__ import annotations

import os
import sys

from wsss.errors import InputError
from wsss.gpu.devices import devices
from wsss.gpu.pool import VISIBLE, pool
from wsss.gpu.slots import slots_folder, take

_HELD: list[int] = []  # file descriptors, to the end of this process


def take_gpus(count: int) -> None:
    """Give this process `count` GPUs that no other job has, and let CUDA see these alone; wait until they are free.

    For a `count` of 0 CUDA sees none. Where the machine has none, the processor computes. Where CUDA_VISIBLE_DEVICES
    is set, as SLURM does, GPUs are chosen among its entries. What was taken once is kept to the end of this process.
    """
    if _HELD or "LOCAL_RANK" in os.environ:  # of several processes (torchrun): each has its own of what all may see
        return
    if count == 0:
        os.environ[VISIBLE] = ""
        return
    gpus = pool(os.environ, devices())
    if not gpus:
        return
    if len(gpus) < count:
        raise InputError(
            f"{count} GPUs are asked for, and there {'is' if len(gpus) == 1 else 'are'} {len(gpus)} here "
            f"({', '.join(gpu.entry for gpu in gpus)}); ask for fewer, by --gpus or set-resources"
        )
    taken = take(gpus, count, slots_folder(os.environ))
    _HELD.extend(taken.values())
    os.environ[VISIBLE] = ",".join(gpu.entry for gpu in taken)
    print(f"GPU: {os.environ[VISIBLE]}", file=sys.stderr, flush=True)
