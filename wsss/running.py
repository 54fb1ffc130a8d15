"""Who works in a checkout: each process has a file that the kernel locks for it, and frees however it ends.

Snakemake leaves its own locks behind when it is killed, and then wants `--unlock` by hand. Where no process of a run is
alive any more, those locks are stale, and the next run takes them away. A stage may outlive a killed Snakemake, so
stages stand in the list, too.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

_HELD: list[BaseFileLock] = []  # to the end of this process


def register(what: str, snakemake: Path = Path(".snakemake")) -> list[str]:
    """Enter this process into the list of a checkout, until it ends, and take away locks that nobody holds any more.

    Args:
        what: the stage, or "snakemake".
        snakemake: the checkout's folder of Snakemake's own; where there is none, nothing is done.

    Returns:
        the others in the list, a line each: what it is, process, machine, user, since when.
    """
    folder = snakemake / "running"
    try:
        if not snakemake.is_dir():
            return []
        mode = stat.S_IMODE(snakemake.stat().st_mode)  # who may write there may write in the list
        if not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        with FileLock(folder / ".list.lock", mode=mode & 0o666):
            others = list(_alive(folder, mode & 0o666))
            name = f"{what} {os.getpid()} {socket.gethostname()} {_user()}"
            own = FileLock(folder / name, timeout=0, mode=mode & 0o666)
            own.acquire()
            _HELD.append(own)
            if not others:
                _remove_stale_locks(snakemake)
    except (OSError, NotImplementedError) as error:  # a folder that this user may only read, or that knows no locks
        print(f"{folder}: cannot be used ({error}); after a kill, use snakemake --unlock", file=sys.stderr)
        return []
    return others


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):  # a container's user without a name
        return f"user {os.getuid()}"


def _alive(folder: Path, mode: int) -> Iterator[str]:
    """Yield the processes in the list, and strike out those that have ended."""
    for path in sorted(folder.glob("[!.]*")):
        since = time.strftime("%d %b %H:%M", time.localtime(path.stat().st_mtime))
        lock = FileLock(path, timeout=0, mode=mode)
        try:
            lock.acquire()
        except Timeout:
            what, process, machine, user = path.name.split(" ", 3)
            yield f"{what} of {user}, process {process} on {machine}, since {since}"
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            lock.release()


def _remove_stale_locks(snakemake: Path) -> None:
    stale = list((snakemake / "locks").glob("*.lock"))
    for path in stale:
        path.unlink(missing_ok=True)
    if stale:
        print("An earlier run was killed; its locks are taken away, as none of its processes is left.", file=sys.stderr)


def say_who_is_here(others: list[str], snakemake: Path = Path(".snakemake")) -> None:
    """Say who holds the locks that are there, before Snakemake refuses what they hold, or waits for nobody."""
    if others and any((snakemake / "locks").glob("*.lock")):
        print(f"Others are at work in this folder: {'; '.join(others)}.", file=sys.stderr)
