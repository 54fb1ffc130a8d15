"""Fetch one large file from the first of several mirrors that serves it, whole or not at all.

What has arrived waits in a hidden file beside the target, and the next attempt goes on from there: after a broken
connection, after a kill, from another mirror. `requests` speaks HTTP (with proxies from HTTP_PROXY, HTTPS_PROXY and
NO_PROXY), `filelock` keeps a second job waiting until the first has the file. pooch, which would do the rest, cannot
resume and knows one address per file.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path

import requests
import urllib3
from filelock import FileLock

from wsss.data.download.sources import Source
from wsss.errors import InputError
from wsss.progress import ByteProgress

_CHUNK = 1 << 20  # bytes
_TIMEOUT = (30, 60)  # seconds to connect, and between two arrivals
_LONGEST_PAUSE = 60  # seconds
_SPARE = 200 << 20  # bytes that stay free on the disk
_REFUSALS = 400, 401, 403, 404, 405, 410, 451  # asking again will not help


class _Failed(Exception):
    """An attempt that may succeed when repeated; `wait` is what the server asks for, in seconds."""

    def __init__(self, reason: str, wait: float = 0) -> None:
        super().__init__(reason)
        self.wait = wait


class _Refused(Exception):
    """A mirror that does not have this file."""


def fetch(source: Source, target: Path, attempts: int = 6, first_pause: float = 2) -> None:
    """Make `target` the file of `source`, checked against its md5; do nothing if it is there already.

    Args:
        source: mirrors are tried in this order; a mirror without the file is not asked again.
        target: where the file goes. `.{name}.part` beside it holds what has arrived of it, `.{name}.lock` the lock.
        attempts: failures in a row, without a byte gained, after which to give up.
        first_pause: seconds after the first of them; doubled after each, up to a minute.

    Raises:
        InputError: naming the file, what each mirror said, and how to give a copy; or that the disk is too small.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f".{target.name}.lock")):
        if target.is_file():
            check_file(source, target)
            return
        part = target.with_name(f".{target.name}.part")
        _fetch_part(source, part, attempts, first_pause)
        part.replace(target)


def _fetch_part(source: Source, part: Path, attempts: int, first_pause: float) -> None:
    mirrors, said = list(source.mirrors), {}
    failures, furthest, wrong = 0, _size(part), 0
    while mirrors and failures < attempts:
        mirror = mirrors[0]
        try:
            _append_from(mirror, source, part)
            problem = source.problem_of(part)
            if problem is None:
                return
            part.unlink()
            furthest, wrong = 0, wrong + 1
            raise _Refused(problem) if wrong > len(source.mirrors) else _Failed(problem)
        except _Refused as refusal:
            said[mirror] = str(refusal)
            mirrors.remove(mirror)
            _tell(f"{mirror}: {refusal}")
            continue
        except _Failed as failure:
            said[mirror] = str(failure)
            gained = _size(part) > furthest
            furthest = max(furthest, _size(part))
            failures = 1 if gained else failures + 1
            pause = min(max(first_pause * 2 ** (failures - 1), failure.wait), _LONGEST_PAUSE)
            if not gained:
                mirrors.append(mirrors.pop(0))
            if failures < attempts:
                _tell(f"{mirror}: {failure}; again in {pause:.0f} s, from byte {_size(part)}")
                time.sleep(pause)
    tried = "; ".join(f"{mirror}: {reason}" for mirror, reason in said.items())
    raise InputError(f"{source.file}: could not be fetched ({tried}). {source.advice}")


def _append_from(mirror: str, source: Source, part: Path) -> None:
    """Ask a mirror for what is missing of `part`, and append it. Returns when the mirror says that this was all."""
    have = _size(part)
    if source.bytes is not None and have == source.bytes:
        return
    if source.bytes is not None and have > source.bytes:
        part.unlink()
        have = 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(mirror, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            have, total = _agree(response, source, part, have)
            _check_space(part.parent, source, (total or 0) - have)
            bar = ByteProgress(f"fetching {source.file}", total, have)
            try:
                with part.open("ab" if have else "wb") as file:
                    # undecoded: some servers call a .tgz "Content-Encoding: gzip", and requests would unpack it
                    for chunk in response.raw.stream(_CHUNK, decode_content=False):
                        file.write(chunk)
                        bar.advance(len(chunk))
            finally:
                bar.close()
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Failed(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from None
    if total is not None and _size(part) < total:
        raise _Failed(f"ended after {_size(part)} of {total} bytes")


def _agree(response: requests.Response, source: Source, part: Path, have: int) -> tuple[int, int | None]:
    """Return from which byte on the response goes, and how many the whole file has, as far as the server tells."""
    status = response.status_code
    if status in _REFUSALS:
        raise _Refused(f"HTTP {status} {response.reason}")
    if status == 416:  # it has no more than we do: its file is another, or ours has grown too long
        part.unlink(missing_ok=True)
        raise _Failed("has no more bytes than there are already; starting over")
    if status not in (200, 206):
        after = response.headers.get("Retry-After", "")
        raise _Failed(f"HTTP {status} {response.reason}", float(after) if after.isdigit() else 0)
    if status == 206:
        place = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if place is None or int(place[1]) != have:
            raise _Refused(f"answered a request from byte {have} with {response.headers.get('Content-Range')!r}")
        total = None if place[2] == "*" else int(place[2])
    else:
        if have:
            _tell(f"{response.url}: does not resume; starting over")
        have, length = 0, response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
    if source.bytes is not None and total not in (None, source.bytes):
        raise _Refused(f"serves {total} bytes instead of {source.bytes}, so another file")
    return have, total or source.bytes


def _check_space(folder: Path, source: Source, missing: int) -> None:
    free = shutil.disk_usage(folder).free
    if missing > 0 and free < missing + _SPARE:
        raise InputError(
            f"{source.file}: {missing / 1e9:.1f} GB are still to come, {folder} has {free / 1e9:.1f} GB free; "
            f"make room and run it again. {source.advice}"
        )


def check_file(source: Source, path: Path) -> None:
    """Raise an `InputError` where a file that is there is not the one that `source` describes."""
    if problem := source.problem_of(path):
        raise InputError(
            f"{path}: {problem}; delete it to fetch it again, or, if this copy is right, correct workflow/sources.yaml"
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
