"""COCO's segmentations, checked before pycocotools sees them: its C code believes every number that it is given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pycocotools import mask as rle_masks

from wsss.errors import InputError

_CORNERS = 3  # that a polygon needs to cover anything


def to_rle(segmentation: object, size: tuple[int, int]) -> dict | None:
    """Return a segmentation, polygons or RLE, as compressed RLE for an image of (H, W); None where it covers nothing.

    Raises `InputError` for what is neither, for corners that are no numbers or lie further outside than the image is
    large, and for runs that do not add up to the image.
    """
    if isinstance(segmentation, dict):
        return _of_runs(segmentation, size)
    if not isinstance(segmentation, list):
        raise InputError(f"{str(segmentation)[:40]!r} is neither polygons nor RLE")
    polygons = [_polygon(polygon, size) for polygon in segmentation]
    polygons = [polygon for polygon in polygons if len(polygon) >= 2 * _CORNERS]
    return rle_masks.merge(rle_masks.frPyObjects(polygons, *size)) if polygons else None


def whole_number(value: object, what: str) -> int:
    """Return a number of JSON that is to be whole, 64.0 among them; an `InputError` naming `what` for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or (isinstance(value, float) and value % 1 != 0):
        raise InputError(f"{what} is {repr(value)[:20]}, not a whole number")
    return int(value)


def _polygon(polygon: object, size: tuple[int, int]) -> list[float]:
    if not isinstance(polygon, list):
        raise InputError(f"{str(polygon)[:40]!r} is no polygon: that is a list [x, y, x, y, ...]")
    if len(polygon) % 2:
        raise InputError(f"a polygon has {len(polygon)} numbers; x and y come in pairs")
    for i, value in enumerate(polygon):
        side, axis = (size[1], "x") if i % 2 == 0 else (size[0], "y")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or (isinstance(value, float) and not math.isfinite(value)):
            raise InputError(f"a polygon's {axis} is {str(value)[:20]}, not a number")
        if not -side <= value <= 2 * side:
            raise InputError(f"a polygon's {axis} is {str(value)[:20]}, far outside the {size[1]}x{size[0]} pixels")
    return polygon


def _of_runs(rle: dict[Any, Any], size: tuple[int, int]) -> dict:
    given, counts = rle.get("size"), rle.get("counts")
    if not isinstance(given, list) or [whole_number(side, "a side of its RLE") for side in given] != list(size):
        raise InputError(f"its RLE is of size {given}, the image of {list(size)} (height, width)")
    if isinstance(counts, bytes):
        counts = counts.decode("ascii", "replace")
    if isinstance(counts, str):
        runs: Sequence[int] = _runs_of_text(counts)
    elif isinstance(counts, list):
        runs = [whole_number(run, "a run of its RLE") for run in counts]
    else:
        raise InputError(f"its RLE has counts {str(counts)[:20]!r}; they are a list, or COCO's text")
    if min(runs, default=0) < 0 or sum(runs) != math.prod(size):
        raise InputError(f"the runs of its RLE are of {sum(runs)} pixels, the image has {math.prod(size)}")
    return rle_masks.frPyObjects({"size": list(size), "counts": list(runs)}, *size)


def _runs_of_text(text: str) -> list[int]:
    """Return the runs in COCO's compressed text: five bits a character, the sixth says that more follow.

    From the third on, a run is written as its difference to the one before the last.
    """
    runs: list[int] = []
    value = bits = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64:
            raise InputError(f"its RLE holds {character!r}, which COCO's text does not")
        value |= (code & 31) << bits
        bits += 5
        if bits > 60:
            raise InputError("its RLE holds a run without an end")
        if not code & 32:
            if code & 16:
                value -= 1 << bits
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = bits = 0
    if bits:
        raise InputError("its RLE ends within a run")
    return runs
