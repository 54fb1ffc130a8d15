"""Which products params.yaml's targets need, and what they and the others take on disk."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from wsss.parts import FOLDER as PARTS
from wsss.plan.job import Job
from wsss.plan.plan import Plan
from wsss.plan.rows import EXPORTS, ROWS, job_of
from wsss.product.kept import discard, versions
from wsss.product.record import read_record, record_path


@dataclass
class Taken:
    """What a variant takes, in bytes, and what of it nothing needs."""

    needed: int = 0
    not_needed: int = 0
    earlier: int = 0  # versions that the present one has replaced
    removable: list[Path] = field(default_factory=list)  # products that nothing needs, and earlier versions


def needed_products(plan: Plan, dataset: str) -> set[Path]:
    """Return what the data set's results, and what is there of figures, tables, claims and pages, are made of.

    With main's resolved parameters, which DVC compares; and with what is there of main's exported networks, and of what
    they made of other photos.
    """
    of_dataset = [row.makes for row in ROWS.values() if "{variant}" not in row.makes]
    patterns = [makes.format(dataset=dataset, name="*", experiments="[!.]*", ids="[!.]*") for makes in of_dataset]
    there = [path for pattern in patterns for path in Path().glob(pattern)]
    exported = [path for stage in EXPORTS if (path := plan.product(Job(stage, dataset))).exists()]
    segmented = plan.product(Job("segment", dataset, photos="any")).parent.glob("[!.]*")
    made_of = plan.behind([*plan.results(dataset), plan.product(Job("resolve_params", dataset)), *there, *exported])
    return made_of | set(segmented)  # of photos that params.yaml need not name any more


def taken(plan: Plan, dataset: str) -> dict[str, Taken]:
    """Return {variant: what it takes} of all variants of a data set that are there; no file counts twice."""
    needed, counted = needed_products(plan, dataset), set[int]()
    found: dict[str, Taken] = {}
    products = sorted(_products(Path("results", dataset)), key=lambda pair: (pair[1] not in needed, pair))
    for variant, product in products:
        of_variant, size = found.setdefault(variant, Taken()), _size(product, counted)
        if product in needed:
            of_variant.needed += size
        else:
            of_variant.not_needed += size
            of_variant.removable.append(product)
    for parts in Path("results", dataset).glob(f"*/{PARTS}"):  # of a run that was not finished
        of_variant = found.setdefault(parts.parent.name, Taken())
        of_variant.not_needed += _size(parts, counted)
        of_variant.removable.append(parts)
    for variant, product in products:
        for kept in versions(product):
            found[variant].earlier += _size(kept, counted)
            if read_record(kept) != read_record(product):
                found[variant].removable.append(kept)
    return found


def remove(product: Path) -> None:
    """Delete a product, its record, its second names, and what its stage wrote beside it; and folders left empty."""
    for kept in versions(product):
        discard(kept)
    record_path(product).unlink(missing_ok=True)
    for path in (product, *beside(product)):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    folder = product.parent
    while folder.parts[:1] == ("results",) and len(folder.parts) > 2 and not any(folder.glob("[!.]*")):
        shutil.rmtree(folder)
        folder = folder.parent


def beside(product: Path) -> list[Path]:
    """Return the other files that the stage of a product writes: pages and tables, which have no record."""
    job = job_of(product)
    return [] if job is None else [product.with_suffix(suffix) for suffix in ROWS[job.stage].beside]


def _products(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield variants and what lies in their folders beside a record."""
    for found, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            product = Path(found, name.removesuffix(".run.json"))
            job = job_of(product) if name.endswith(".run.json") else None
            if job is not None and "{variant}" in ROWS[job.stage].makes and product.exists():
                yield job.variant, product


def _size(path: Path, counted: set[int]) -> int:
    """Return the bytes of a file, or of all in a folder, that no name counted before has."""
    files = [path] if path.is_file() else [Path(folder, name) for folder, _, names in os.walk(path) for name in names]
    total = 0
    for file in files:
        stat = file.lstat()
        if stat.st_ino not in counted:
            counted.add(stat.st_ino)
            total += stat.st_size
    return total
