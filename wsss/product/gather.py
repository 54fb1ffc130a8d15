"""What several jobs have made of parts of the images, gathered into one product with one record."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.parts import FOLDER, part_names
from wsss.product.digest import digest_of
from wsss.product.kept import keep
from wsss.product.record import Record, is_whole, rate, read_record, write_record


def gather(parts: Sequence[Path], out: Path, wanted: Record) -> None:
    """Make `out`, and its record, of all parts; their files get a second name and are not copied. Delete the parts.

    Args:
        parts: folders named as `wsss.parts.part_names` names them.
        wanted: the record, without its product, of the undivided run.

    Raises:
        InputError: a part is missing, not whole, made of something else than is wanted, or by other code than another.
    """
    if sorted(path.name for path in parts) != sorted(part_names(len(parts))):
        raise InputError(f"--parts: {', '.join(path.name for path in parts)} are not all parts of one number of jobs")
    records = {path: _checked(path, wanted) for path in parts}
    _check_code(records)
    with whole_directory(out) as folder:
        for path in parts:
            for file in path.iterdir():
                if not file.name.startswith("."):
                    _link_or_move(file, folder / file.name)
    write_record(out, _of_all(list(records.values()), wanted, digest_of(out)))
    keep(out)
    forget(parts)


def _checked(part: Path, wanted: Record) -> Record:
    record = read_record(part)
    if record is None or not is_whole(part, record):
        raise InputError(f"{part}: is not there, or not whole; delete it and run its job again")
    if not record.asks_for(replace(wanted, options=wanted.options | {"part": part.name})):
        raise InputError(f"{part}: was made with other settings or of other inputs; delete it and run its job again")
    return record


def _check_code(records: dict[Path, Record]) -> None:
    """Raise an `InputError` if code has changed between two parts: together they would be the work of neither."""
    first, *others = records
    known = dict(records[first].code)
    for path in others:
        for module, digest in records[path].code.items():
            if known.setdefault(module, digest) != digest:
                raise InputError(f"{path}: {module} was another when {first} was made; delete one, and run again")


def _link_or_move(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:  # a file system without hard links; should this be interrupted, the part is no longer whole
        file.replace(target)


def _of_all(records: Sequence[Record], wanted: Record, product: str | None) -> Record:
    """Return the record of what was gathered: time and images are those of all jobs together, memory of the largest."""
    seconds, images = round(sum(one.seconds for one in records), 1), sum(one.images or 0 for one in records)
    return replace(
        max(records, key=lambda one: one.made),
        options=wanted.options,
        product=product,
        code={module: digest for one in records for module, digest in one.code.items()},
        device=", ".join(sorted({one.device for one in records})),
        seconds=seconds,
        images=images,
        images_per_second=rate(images, seconds),
        peak_memory_mb=max(one.peak_memory_mb for one in records),
        measured={"jobs": len(records)} | _measured(records),
    )


def _measured(records: Sequence[Record]) -> dict[str, float | str]:
    """Return what jobs have measured of themselves: seconds are added, of other numbers the largest, texts in a row."""
    found: dict[str, float | str] = {}
    for name in {name: None for one in records for name in one.measured}:
        values = [one.measured[name] for one in records if name in one.measured]
        numbers = [value for value in values if not isinstance(value, str)]
        if len(numbers) < len(values):
            found[name] = ", ".join(dict.fromkeys(map(str, values)))
        else:
            found[name] = round(sum(numbers), 2) if name.endswith("_seconds") else max(numbers)
    return found


def forget(parts: Sequence[Path]) -> None:
    """Delete the workflow's parts that were gathered, and what was left there of an earlier number of jobs."""
    for folder in {path.parent for path in parts if FOLDER in path.parts}:
        shutil.rmtree(folder)
        with contextlib.suppress(OSError):  # others lie there, too
            for above in folder.parents:
                if FOLDER in above.parts:
                    above.rmdir()
