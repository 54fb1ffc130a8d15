"""The options of stages' programs: what is a path in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wsss.errors import InputError

Value = str | int | Path | Sequence[Path] | Mapping[str, Path]  # of an option; a mapping is {label: path}


def labelled_paths(values: list[str]) -> dict[str, Path]:
    """Return {label: path} of values such as `CAM=results/mini/mapping=cam/seeds`; the first `=` ends the label."""
    paths = {}
    for value in values:
        label, sign, path = value.partition("=")
        if not (label and sign and path):
            raise InputError(f"{value!r}: give label=path, e.g. CAM=results/mini/mapping=cam/seeds")
        if label in paths:
            raise InputError(f"{value!r}: the label {label!r} is taken; give each path its own")
        paths[label] = Path(path)
    return paths


def structured(value: Any) -> Value:
    """Return {label: path} of several words with labels, paths of several without, and all else as it is."""
    if not isinstance(value, list) or all(isinstance(one, Path) for one in value):
        return value
    if all("=" in one for one in value):
        return labelled_paths(value)
    return [Path(one) for one in value]


def paths_of(option: str, value: Value) -> Iterator[tuple[str, Path]]:
    """Yield the paths of an option, each with its name: those of several values have their label or place in it."""
    if isinstance(value, Path):
        yield option, value
    elif isinstance(value, Mapping):
        yield from ((f"{option}[{label}]", path) for label, path in value.items())
    elif not isinstance(value, str | int):
        yield from ((f"{option}[{index}]", path) for index, path in enumerate(value))
