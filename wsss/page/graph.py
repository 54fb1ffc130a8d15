"""A drawing of what was made of what: boxes in columns, each right of all that it was made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

_WIDTH, _HEIGHT, _ACROSS, _DOWN = 168, 34, 56, 14  # of boxes, and between them


def graph(made_of: Mapping[Path, Sequence[Path]]) -> dict[str, Any]:
    """Return `width`, `height`, `boxes` (x, y, name, folder) and `lines` (SVG paths) of a drawing.

    Args:
        made_of: {product: those that it was made of}; without circles.
    """
    columns: dict[Path, int] = {}

    def column(path: Path) -> int:
        if path not in columns:
            columns[path] = 1 + max((column(one) for one in made_of[path] if one in made_of), default=-1)
        return columns[path]

    order = sorted(made_of, key=lambda path: (column(path), str(path)))
    filled: dict[int, int] = {}
    places: dict[Path, tuple[int, int]] = {}
    for path in order:
        row = filled.get(columns[path], 0)
        filled[columns[path]] = row + 1
        places[path] = columns[path] * (_WIDTH + _ACROSS), row * (_HEIGHT + _DOWN)
    lines = []
    for path in order:
        x, y = places[path]
        for one in made_of[path]:
            if one in places:
                start, top = places[one][0] + _WIDTH, places[one][1] + _HEIGHT // 2
                middle = (start + x) // 2
                lines.append(f"M{start} {top}C{middle} {top} {middle} {y + _HEIGHT // 2} {x} {y + _HEIGHT // 2}")
    return {
        "width": max((x for x, _ in places.values()), default=0) + _WIDTH,
        "height": max((y for _, y in places.values()), default=0) + _HEIGHT,
        "box": [_WIDTH, _HEIGHT],
        "boxes": [
            {"x": x, "y": y, "name": path.name, "folder": path.parent.name, "product": str(path)}
            for path, (x, y) in places.items()
        ],
        "lines": lines,
    }
