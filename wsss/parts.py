"""The images of a stage divided among several jobs.

How many jobs is no parameter of the result: parts are cut between the batches of the undivided run, so each image is
computed beside the same others, and what is gathered (`wsss.product.gather`) is that run's product to the last byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from wsss.errors import InputError

Item = TypeVar("Item")
FOLDER = ".parts"  # below a variant's folder: what jobs over images make until it is gathered
PATTERN = r"[1-9]\d*-of-[1-9]\d*"


@dataclass(frozen=True)
class Part:
    """The `number`-th of `count` parts, counted from 1."""

    number: int = 1
    count: int = 1

    def of(self, items: list[Item]) -> list[Item]:
        """Return this part of items: neighbours, about as many as in any other part; maybe none."""
        first, last = ((edge * len(items)) // self.count for edge in (self.number - 1, self.number))
        return items[first:last]


WHOLE = Part()


def part_named(name: str | None) -> Part:
    """Return the part of a name such as "2-of-7", the whole for None; an `InputError` for any other."""
    if name is None:
        return WHOLE
    if not re.fullmatch(PATTERN, name):
        raise InputError(f"--part {name}: give a part and how many there are, e.g. 2-of-7")
    number, count = map(int, name.split("-of-"))
    if number > count:
        raise InputError(f"--part {name}: there are only {count}")
    return Part(number, count)


def part_names(count: int) -> list[str]:
    """Return the names of all parts."""
    return [f"{number}-of-{count}" for number in range(1, count + 1)]


def part_path(product: Path, part: str) -> Path:
    """Return where a part of `results/{dataset}/{variant}/...` is made."""
    return Path(*product.parts[:3], FOLDER, *product.parts[3:], part)


def product_of_part(path: Path) -> tuple[Path, str] | None:
    """Return the product and the part that a path of `part_path` stands for, None for any other."""
    if path.parts[3:4] != (FOLDER,) or not re.fullmatch(PATTERN, path.name):
        return None
    return Path(*path.parts[:3], *path.parts[4:-1]), path.name
