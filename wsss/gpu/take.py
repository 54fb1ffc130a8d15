"""What a stage does before torch looks for GPUs: take as many as it was given, wait for them, see no others."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from wsss.errors import InputError
from wsss.gpu.devices import devices
from wsss.gpu.pool import VISIBLE, pool
from wsss.gpu.processes import is_one_of_several, shared_slots, start_processes
from wsss.gpu.slots import share, slot_path, slots_folder, take

_HELD: dict[Path, int] = {}  # {file of a GPU: its lock}, to the end of this process


def use_gpus(stage: str, count: int, several: bool) -> None:
    """Take `count` GPUs for a stage; where they are several, go on as so many processes, of which this is then one.

    several: whether the stage can use more than one; others are refused with an `InputError`.
    """
    if count > 1 and not several:
        raise InputError(f"{stage} uses one GPU, not {count}: --gpus 1, or set-resources: {stage}:gpu=1")
    take_gpus(count)
    if count > 1 and not is_one_of_several():
        start_processes(count, _HELD)


def take_gpus(count: int) -> None:
    """Give this process `count` GPUs that no other job has, and let CUDA see these alone; wait until they are free.

    For a `count` of 0 CUDA sees none. Where the machine has none, the processor computes. Where CUDA_VISIBLE_DEVICES
    is set, as SLURM does, GPUs are chosen among its entries. What was taken once is kept to the end of this process.
    """
    if _HELD:
        return
    if is_one_of_several():  # each uses one of what all may see, and holds all with the others
        _HELD.update({path: share(path) for path in shared_slots()})
        return
    if count == 0:
        os.environ[VISIBLE] = ""
        return
    gpus = pool(os.environ, devices())
    if not gpus:
        if count > 1:
            print(f"no GPU is known here: {count} processes share what torch finds", file=sys.stderr, flush=True)
        return
    if len(gpus) < count:
        raise InputError(
            f"{count} GPUs are asked for, and there {'is' if len(gpus) == 1 else 'are'} {len(gpus)} here "
            f"({', '.join(gpu.entry for gpu in gpus)}); ask for fewer, by --gpus or set-resources"
        )
    if count > 1 and any(gpu.identity.startswith("MIG") for gpu in gpus):
        raise InputError(f"{count} parts of divided GPUs (MIG) cannot share a training; use one, or whole GPUs")
    folder = slots_folder(os.environ)
    taken = take(gpus, count, folder)
    _HELD.update({slot_path(folder, gpu): lock for gpu, lock in taken.items()})
    os.environ[VISIBLE] = ",".join(gpu.entry for gpu in taken)
    print(f"GPU: {os.environ[VISIBLE]}", file=sys.stderr, flush=True)
