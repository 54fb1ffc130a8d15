"""Second names for products, so that what a planner deletes, or another value replaces, is not lost.

Snakemake deletes a job's outputs before it starts the job. Whether the job has anything to do is known only then: where
its inputs came out as they were, it has not. So every finished product gets a second name, `.kept/KEY/NAME` beside it,
KEY standing for the settings and inputs that it was made of. The last few are kept, so a value that is taken back finds
its product there. The files are hard links: they take no space as long as the product is there, and are not copied back
but linked.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from wsss.files import whole_directory, whole_file
from wsss.product.digest import digest_of_values
from wsss.product.record import Record, read_record, record_path

_MOST = 3  # versions of a product: the present one and two before it


def kept_path(product: Path, record: Record) -> Path:
    """Return the second name of a product that is, or will be, made as a record says."""
    made_of = [record.stage, record.settings, record.options, record.inputs]
    return product.parent / ".kept" / digest_of_values(made_of)[:12] / product.name


def versions(product: Path) -> list[Path]:
    """Return all second names of a product, the one last used first."""
    found = product.parent.glob(f".kept/*/{product.name}.run.json")
    last_used = sorted(found, key=lambda record: record.parent.stat().st_mtime_ns, reverse=True)
    return [record.with_name(product.name) for record in last_used]


def keep(product: Path) -> None:
    """Give a product and its record a second name; where the file system has no hard links, nothing is kept."""
    record = read_record(product)
    if record is None:
        return
    kept = kept_path(product, record)
    try:
        record_path(kept).unlink(missing_ok=True)  # last there, first gone: without it nothing is believed
        _link(product, kept)
        _link(record_path(product), record_path(kept))
        os.utime(kept.parent)
    except OSError:
        discard(kept)
    for old in versions(product)[_MOST:]:
        discard(old)


def discard(kept: Path) -> None:
    """Forget a second name."""
    record_path(kept).unlink(missing_ok=True)
    if kept.is_dir():
        shutil.rmtree(kept, ignore_errors=True)
    else:
        kept.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # others lie there, too
        kept.parent.rmdir()


def kept_record(product: Path, wanted: Record) -> Record | None:
    """Return the record of what is kept of a product that is made as `wanted` says."""
    kept = kept_path(product, wanted)
    return read_record(kept) if kept.exists() else None


def restore(product: Path, wanted: Record) -> None:
    """Put what was kept of a product in its place."""
    kept = kept_path(product, wanted)
    _link(kept, product)
    _link(record_path(kept), record_path(product))
    os.utime(kept.parent)


def _link(source: Path, target: Path) -> None:
    """Give a file, or all files of a folder, another name."""
    if source.is_file():
        with whole_file(target) as part:
            part.unlink(missing_ok=True)
            os.link(source, part)
        return
    with whole_directory(target) as folder:
        for found, _, names in os.walk(source):
            beside = folder / Path(found).relative_to(source)
            beside.mkdir(exist_ok=True)
            for name in names:
                if name != ".snakemake_timestamp":
                    os.link(Path(found, name), beside / name, follow_symlinks=False)
