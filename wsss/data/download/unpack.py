"""Unpack a tar, tar.gz or zip of photos and annotations: nothing outside the folder, whole or not at all.

Only regular files and folders are ever written, so no member can be reached through a link that an earlier one made;
the standard library's own filter has been got round that way (CVE-2025-4517).
"""

from __future__ import annotations

import gzip
import shutil
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.progress import ByteProgress

_SPARE = 200 << 20  # bytes that stay free on the disk
_BROKEN = tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError, ValueError


@dataclass(frozen=True)
class _Member:
    name: str
    kind: str  # file, folder, link, device
    link: str  # where a link points to; "" of what is none
    size: int  # bytes
    content: IO[bytes] | None  # of a file


def unpack(archive: Path, target: Path) -> None:
    """Make `target` a folder of what `archive` holds; links within it are left out, and said so.

    Raises:
        InputError: for a truncated or damaged archive, a member that would be written outside of `target` (absolute
            names, `..`, links that lead out), a device, or a disk that is too small. `target` is then as it was.
    """
    archive, target = Path(archive), Path(target)
    if not archive.is_file():
        raise InputError(f"{archive}: no such file")
    left_out = []
    with whole_directory(target) as folder:
        _check_space(archive, folder)
        bar = ByteProgress(f"unpacking {archive.name}", None)
        try:
            for member in _members(archive):
                if member.kind == "link":
                    _check_link(archive, member)
                    left_out.append(member.name)
                else:
                    _write(archive, member, folder, bar)
        except _BROKEN as error:
            text = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise InputError(f"{archive}: damaged or truncated ({text}); delete it and fetch it again") from None
        except (NotADirectoryError, IsADirectoryError, FileExistsError) as error:
            raise InputError(f"{archive}: holds a file and a folder of one name ({error.filename})") from None
        finally:
            bar.close()
    if left_out:
        print(f"{archive}: {len(left_out)} links left out, first {left_out[0]}", file=sys.stderr)


def _members(archive: Path) -> Iterator[_Member]:
    if zipfile.is_zipfile(archive):
        yield from _zip_members(archive)
    elif archive.suffix == ".zip":
        raise zipfile.BadZipFile("no end of a zip file in it")
    else:
        yield from _tar_members(archive)


def _tar_members(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive) as tar:
        while (entry := tar.next()) is not None:
            kind = "file" if entry.isreg() else "folder" if entry.isdir() else "link" if _is_link(entry) else "device"
            content = tar.extractfile(entry) if kind == "file" else None
            yield _Member(entry.name, kind, entry.linkname if kind == "link" else "", entry.size, content)
        tar.fileobj.seek(tar.offset)
        block = tar.fileobj.read(tarfile.BLOCKSIZE)
        if len(block) < tarfile.BLOCKSIZE or block.strip(b"\0"):  # tarfile takes both for the end
            raise tarfile.ReadError("its last block is missing")
        while tar.fileobj.read(1 << 20):  # to the checksum at the end of a .gz
            pass


def _is_link(entry: tarfile.TarInfo) -> bool:
    return entry.issym() or entry.islnk()


def _zip_members(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            mode = stat.S_IFMT(entry.external_attr >> 16)  # 0 where the file was not made on Unix
            if entry.is_dir():
                yield _Member(entry.filename, "folder", "", 0, None)
            elif mode == stat.S_IFLNK:
                yield _Member(entry.filename, "link", packed.read(entry).decode(errors="replace"), 0, None)
            elif mode not in (0, stat.S_IFREG):
                yield _Member(entry.filename, "device", "", 0, None)
            else:
                with packed.open(entry) as content:
                    yield _Member(entry.filename, "file", "", entry.file_size, content)


def _write(archive: Path, member: _Member, folder: Path, bar: ByteProgress) -> None:
    path = folder.joinpath(*_parts(archive, member.name))
    if member.kind == "folder":
        path.mkdir(parents=True, exist_ok=True)
        return
    if member.content is None:
        raise InputError(f"{archive}: {member.name!r} is neither a file nor a folder; the archive is not trustworthy")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(member.content, file, 1 << 20)
        written = file.tell()
    if written != member.size:
        raise EOFError(f"{member.name} has {written} of {member.size} bytes")
    bar.advance(written)


def _parts(archive: Path, name: str) -> tuple[str, ...]:
    """Return a member's name as parts of a path below the folder, or refuse it."""
    path = PurePosixPath(name)
    drive = len(name) > 1 and name[1] == ":"
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or drive:
        raise InputError(
            f"{archive}: {name!r} would be written outside of its folder; the archive is not trustworthy, "
            "fetch it from another place"
        )
    return path.parts


def _check_link(archive: Path, member: _Member) -> None:
    """Refuse an archive with a link that leads out of the folder, though no link is ever made."""
    where = list(_parts(archive, member.name)[:-1])
    out = member.link.startswith("/")
    for part in PurePosixPath(member.link).parts:
        if part == "..":
            out = out or not where
            where = where[:-1]
        else:
            where.append(part)
    if out:
        raise InputError(
            f"{archive}: {member.name!r} is a link to {member.link!r}, outside of its folder; the archive is not "
            "trustworthy, fetch it from another place"
        )


def _check_space(archive: Path, folder: Path) -> None:
    needed = archive.stat().st_size  # at least: photos hardly shrink
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            needed = sum(entry.file_size for entry in packed.infolist())
    free = shutil.disk_usage(folder).free
    if free < needed + _SPARE:
        raise InputError(
            f"{archive}: unpacked it takes {needed / 1e9:.1f} GB or more, {folder.parent} has {free / 1e9:.1f} GB "
            "free; make room and run it again"
        )
