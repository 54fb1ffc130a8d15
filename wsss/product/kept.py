"""A second name for each product, so that what a planner deletes before a stage starts is not lost.

Snakemake deletes a job's outputs before it starts the job. Whether the job has anything to do is known only then: where
its inputs came out as they were, it has not. So every finished product gets a second name, `.kept/NAME` beside it. The
files are hard links: they take no space as long as the product is there, and are not copied back but linked.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from wsss.files import whole_directory, whole_file
from wsss.product.record import Record, read_record, record_path


def kept_path(product: Path) -> Path:
    """Return the second name of a product."""
    return product.parent / ".kept" / product.name


def keep(product: Path) -> None:
    """Give a product and its record a second name; where the file system has no hard links, nothing is kept."""
    kept = kept_path(product)
    try:
        record_path(kept).unlink(missing_ok=True)  # last there, first gone: without it nothing is believed
        _link(product, kept)
        _link(record_path(product), record_path(kept))
    except OSError:
        discard(product)


def discard(product: Path) -> None:
    """Forget the second name of a product."""
    kept = kept_path(product)
    record_path(kept).unlink(missing_ok=True)
    if kept.is_dir():
        shutil.rmtree(kept, ignore_errors=True)
    else:
        kept.unlink(missing_ok=True)


def kept_record(product: Path) -> Record | None:
    """Return the record of what is kept of a product."""
    kept = kept_path(product)
    return read_record(kept) if kept.exists() else None


def restore(product: Path) -> None:
    """Put what was kept of a product in its place."""
    kept = kept_path(product)
    _link(kept, product)
    _link(record_path(kept), record_path(product))


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
