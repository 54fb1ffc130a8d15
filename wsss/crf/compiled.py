"""Compiling of the dense CRF: once, into a folder that the user may write, whoever comes first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
from filelock import FileLock

# No fast mathematics: which simplex a pixel lies in hangs on single roundings, which are to be those of every machine.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
_PACKAGE = Path(__file__).parent


def inlined(function: Callable) -> Callable:
    """Compile a function into those that call it."""
    return numba.njit(**_OPTIONS, forceinline=True)(function)


def compiled(function: Callable) -> Callable:
    """Compile a function when it is first called; what comes out is kept in `cache_folder`."""
    config: Any = numba.config  # its settings are made at run time
    folder, before = cache_folder(), config.CACHE_DIR
    config.CACHE_DIR = "" if folder is None else str(folder)
    try:
        return numba.njit(**_OPTIONS, cache=folder is not None)(function)
    finally:
        config.CACHE_DIR = before


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Say what the first call costs, and let several processes that start at once wait for one compiler.

    Within the block, every compiled function is called once. A block that ends well is not waited for again.
    """
    folder = cache_folder()
    if folder is None:
        _say("not kept, as neither the package nor ~/.cache is writable; set NUMBA_CACHE_DIR to a folder that is")
        yield
        return
    done = folder / "complete"
    if done.exists():
        yield
        return
    with FileLock(folder / "lock"):
        if not done.exists():
            _say(f"once for this machine, kept in {folder}")
        yield
        done.touch()


def _say(what: str) -> None:
    print(f"dense CRF: compiling, about a minute ({what})", file=sys.stderr, flush=True)


@cache
def cache_folder() -> Path | None:
    """Return the folder of compiled code for these sources, versions and processor; None if none can be made.

    Numba itself looks only at the file of a function, not at what the function calls in others: hence one for each
    state of the whole package.
    """
    state = hashlib.sha256()
    for path in sorted(_PACKAGE.glob("*.py")):
        state.update(path.read_bytes())
    versions = numba.__version__, llvmlite.__version__, platform.python_version(), platform.machine()
    state.update(repr((*versions, llvmlite.binding.get_host_cpu_name())).encode())
    name = f"dense_crf-{state.hexdigest()[:12]}"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    given = os.environ.get("NUMBA_CACHE_DIR")
    for parent in [Path(given)] if given else [_PACKAGE / "__pycache__", home / "wsss"]:
        folder = parent / name
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):  # only trying tells: root may write what its bits forbid
                return folder
    return None
