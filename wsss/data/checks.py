"""What must be true of a photo and its mask before anything trains on them."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from wsss.data.voc_layout import several
from wsss.errors import InputError
from wsss.files import VOID, read_image, read_mask
from wsss.progress import progress


def check_pair(photo: Path, mask: Path | None, class_count: int) -> None:
    """Decode a photo and its mask in full; raise an `InputError` where they are not what training needs."""
    height, width = read_image(photo).shape[:2]
    if mask is None:
        return
    numbers = read_mask(mask)
    if numbers.dtype != np.uint8 or numbers.ndim != 2:
        raise InputError(f"{mask}: holds {numbers.dtype} of shape {numbers.shape}; a mask is an 8-bit palette PNG")
    if numbers.shape != (height, width):
        raise InputError(
            f"{mask}: is {numbers.shape[1]}x{numbers.shape[0]} but its photo {photo.name} is {width}x{height}; "
            "make them the same size"
        )
    present = np.flatnonzero(np.bincount(numbers.ravel(), minlength=VOID + 1))
    if wrong := [int(number) for number in present if class_count < number < VOID]:
        raise InputError(
            f"{mask}: holds class number {several(wrong)}, there are {class_count} classes; "
            f"use 0 (background), 1 to {class_count}, or {VOID} (void), or correct the list of classes"
        )


def check_pairs(photos: Mapping[str, Path], masks: Mapping[str, Path], class_count: int, threads: int) -> None:
    """Check every photo, with its mask if it has one; raise one `InputError` that tells of all that is wrong.

    Works in threads: Pillow decodes outside of the interpreter's lock.
    """

    def problem(name: str) -> str | None:
        try:
            check_pair(photos[name], masks.get(name), class_count)
        except InputError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(threads) as pool:
        found = list(progress(pool.map(problem, photos), len(photos), "checking images"))
    wrong = [(name, text) for name, text in zip(photos, found, strict=True) if text]
    if wrong:
        others = f" (wrong too: {several([name for name, _ in wrong[1:]])})" if len(wrong) > 1 else ""
        raise InputError(f"{wrong[0][1]}{others}")
