"""One training by several processes, one for each GPU that was taken: the stage becomes torchrun, which starts them.

They hold the GPUs together with it, so that none is free as long as one of them lives.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

_SLOTS = "WSSS_GPU_SLOTS"  # the files of the GPUs that were taken for the processes


def torchrun(count: int, program: Sequence[str]) -> list[str]:
    """Return the command by which `count` processes on this machine run a program, given as its file and options."""
    return [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}", *program]


def start_processes(count: int, held: Mapping[Path, int]) -> NoReturn:
    """Become torchrun, which runs this program in `count` processes.

    held: {file of a GPU: its lock, a file descriptor}, which torchrun goes on holding.
    """
    for lock in held.values():
        os.set_inheritable(lock, True)
    os.environ[_SLOTS] = os.pathsep.join(map(str, held))
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as torchrun would, with a warning; the stage sets torch's threads
    command = torchrun(count, sys.argv)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def is_one_of_several() -> bool:
    """Return whether this is one of the processes that torchrun has started."""
    return "LOCAL_RANK" in os.environ


def has_starter() -> bool:
    """Return whether it was a stage that became that torchrun."""
    return is_one_of_several() and _SLOTS in os.environ


def shared_slots() -> list[Path]:
    """Return the files of the GPUs that were taken for these processes, none where torchrun was called by hand."""
    return [Path(path) for path in os.environ.get(_SLOTS, "").split(os.pathsep) if path]
