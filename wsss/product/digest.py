"""Digests of files and folders by their content, remembered by path, size and time."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wsss.files import write_json

_CHUNK = 2**20
_SIZE = 16  # bytes of a digest


def digest_of(path: Path) -> str | None:
    """Return a digest of what a file or a folder holds, None if it is not there.

    A folder's is that of the names and contents of all files in it, but for names that begin with a dot. It says
    nothing of where the folder lies or when it was written. What was read once is not read again as long as names,
    sizes and times stay.
    """
    path = Path(path)
    files = dict(_files(path))
    if not files and not path.exists():
        return None
    state = _hash(*(f"{name}\0{stat.st_size}\0{stat.st_mtime_ns}" for name, stat in files.items()))
    memory = _memory_of(path)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        remembered = json.loads(memory.read_text())
        if remembered["state"] == state:
            return remembered["digest"]
    with ThreadPoolExecutor(4) as pool:  # hashing leaves the interpreter free
        contents = list(pool.map(lambda name: _content(path / name), files))
    digest = contents[0] if path.is_file() else _hash(*map("\0".join, zip(files, contents, strict=True)))
    with contextlib.suppress(OSError):
        write_json(memory, {"path": str(path.resolve()), "state": state, "digest": digest})
    return digest


def _files(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield names below a folder and what the file system says of them, in order; of a file "" and that."""
    if path.is_file():
        yield "", path.stat()
        return
    for folder, folders, names in os.walk(path, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                file = Path(folder, name)
                yield file.relative_to(path).as_posix(), file.stat()


def _content(path: Path) -> str:
    content = hashlib.blake2b(digest_size=_SIZE)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            content.update(chunk)
    return content.hexdigest()


def _hash(*texts: str) -> str:
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=_SIZE).hexdigest()


def digest_of_values(values: object) -> str:
    """Return a digest of plain values, as JSON has them."""
    return _hash(json.dumps(values, sort_keys=True))


def _memory_of(path: Path) -> Path:
    """Return the file that remembers the digest of a path, in the user's cache folder."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home, "wsss", "digests", f"{_hash(str(path.resolve()))}.json")
