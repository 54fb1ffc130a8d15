"""A file for each GPU, which the kernel locks for the job that uses it, and frees however that ends.

A job claims GPUs one job at a time, with a moment's exclusive lock of each, and holds them by shared locks: so the
processes of one training hold them together, and they are free when the last of these is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wsss.errors import InputError
from wsss.gpu.pool import VISIBLE, Gpu

FOLDER = "WSSS_GPU_FOLDER"
_BOOT = Path("/proc/sys/kernel/random/boot_id")  # the same in all containers of a machine
_SECONDS = 0.5  # between two looks at what is free


def slots_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of this user and machine where the locks lie, made if need be.

    That is `/tmp/wsss-gpus-{user id}`, whatever TMPDIR says, or else jobs could miss each other; WSSS_GPU_FOLDER names
    another. What SLURM has given to a step is the affair of its jobs alone, and SLURM may number the GPUs of each anew.
    """
    top = Path(environment.get(FOLDER) or f"/tmp/wsss-gpus-{os.getuid()}")
    scope = "machine"
    if "SLURM_JOB_ID" in environment and {VISIBLE, "SLURM_STEP_GPUS", "SLURM_JOB_GPUS"} & environment.keys():
        scope = f"slurm-{environment['SLURM_JOB_ID']}.{environment.get('SLURM_STEP_ID', 'batch')}"
    folder = top / _machine() / scope
    try:
        top.mkdir(mode=0o700, parents=True, exist_ok=True)
        if top.stat().st_uid != os.getuid():
            raise InputError(f"{top}: belongs to another user; set {FOLDER} to a folder of yours on this machine")
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        raise InputError(f"{top}: {why}; set {FOLDER} to a folder of yours on this machine") from None
    return folder


def take(gpus: Sequence[Gpu], count: int, folder: Path) -> dict[Gpu, int]:
    """Lock `count` of `gpus`, waiting until so many are free at once, and say so.

    Returns:
        {GPU: file descriptor}; it is this process's until the descriptor is closed.
    """
    told = False
    while True:
        with _claiming(folder):
            free = {gpu: lock for gpu in gpus if (lock := _try_lock(slot_path(folder, gpu))) is not None}
            enough = len(free) >= count
            for number, lock in enumerate(free.values()):
                if enough and number < count:
                    fcntl.flock(lock, fcntl.LOCK_SH)
                else:
                    os.close(lock)
        if enough:
            return dict(list(free.items())[:count])
        if not told:
            wanted = "a GPU" if count == 1 else f"{count} GPUs"
            taken = len(gpus) - len(free)
            print(f"waiting for {wanted}: {taken} of {len(gpus)} are taken ({folder})", file=sys.stderr, flush=True)
            told = True
        time.sleep(_SECONDS)


def share(path: Path) -> int:
    """Hold a GPU, by its file, together with the process that has taken it; return the file descriptor."""
    lock = _open(path)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


def slot_path(folder: Path, gpu: Gpu) -> Path:
    """Return the file of a GPU."""
    return folder / re.sub(r"[^\w.-]", "_", gpu.identity)


@contextlib.contextmanager
def _claiming(folder: Path) -> Iterator[None]:
    lock = _open(folder / ".claim")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _try_lock(path: Path) -> int | None:
    lock = _open(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _machine() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return socket.gethostname()
