"""What must be true of a data set before anything trains on it: its classes, counts, photos and masks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from wsss.data.layouts.voc_annotation import read_annotated_size
from wsss.errors import InputError, first_few
from wsss.files import VOID, as_rgb, open_image, read_mask
from wsss.orientation import Orientation, orientation, tell_turned
from wsss.progress import progress


def check_counts(splits: Mapping[str, Sequence[str]], counts: Mapping[str, int] | None, roots: Sequence[Path]) -> None:
    """Raise an `InputError` where a split has not as many images as `counts` says."""
    for name, expected in (counts or {}).items():
        if len(splits.get(name, ())) != expected:
            raise InputError(
                f"{', '.join(map(str, roots))}: split {name!r} has {len(splits.get(name, ()))} images instead of "
                f"{expected}; something is missing or another version. Where this is what you want, set `counts: null` "
                "of the data set in params.yaml"
            )


def check_pair(photo: Path, mask: Path | None, class_count: int) -> Orientation:
    """Decode a photo and its mask in full and return how the photo lies.

    Raises an `InputError` where they are not what training needs.
    """
    image = open_image(photo)
    as_rgb(image, str(photo))
    lies = orientation(image)
    if mask is None:
        return lies
    numbers = read_mask(mask)
    if numbers.dtype != np.uint8 or numbers.ndim != 2:
        raise InputError(f"{mask}: holds {numbers.dtype} of shape {numbers.shape}; a mask is an 8-bit palette PNG")
    if not lies.fits(numbers.shape):
        raise InputError(
            f"{mask}: is {numbers.shape[1]}x{numbers.shape[0]} but its photo {photo.name} is {lies}; "
            "make them the same size"
        )
    present = np.flatnonzero(np.bincount(numbers.ravel(), minlength=VOID + 1))
    if wrong := [int(number) for number in present if class_count < number < VOID]:
        raise InputError(
            f"{mask}: holds class number {first_few(wrong)}, there are {class_count} classes; "
            f"use 0 (background), 1 to {class_count}, or {VOID} (void), or correct the list of classes"
        )
    return lies


def check_pairs(
    photos: Mapping[str, Path], masks: Mapping[str, Path], class_count: int, threads: int
) -> dict[str, Orientation]:
    """Check every photo, with its mask if it has one, tell which are turned, and return how they lie, by their ids.

    Raises one `InputError` that tells of all that is wrong. Works in threads: Pillow decodes outside of the
    interpreter's lock.
    """

    def check(name: str) -> Orientation | InputError:
        try:
            return check_pair(photos[name], masks.get(name), class_count)
        except InputError as error:
            return error

    with ThreadPoolExecutor(threads) as pool:
        found = dict(zip(photos, progress(pool.map(check, photos), len(photos), "checking images"), strict=True))
    if wrong := {name: error for name, error in found.items() if isinstance(error, InputError)}:
        first, *others = wrong
        raise InputError(f"{wrong[first]}{f' (wrong too: {first_few(others)})' if others else ''}")
    photos_lie = {name: lies for name, lies in found.items() if not isinstance(lies, InputError)}
    tell_turned(photos_lie, masks)
    return photos_lie


def check_annotated_sizes(photos: Mapping[str, Orientation], annotations: Mapping[str, Path]) -> None:
    """Compare the sizes of photos with those that their annotations give: matching names may carry foreign photos.

    A few differences are only printed, as the published annotations have some too; more than 1 in 20 are an error.
    """
    annotated = {name: read_annotated_size(path) for name, path in annotations.items()}
    sizes = {name: size for name, size in annotated.items() if size is not None and min(size) > 0}
    wrong = [name for name, size in sizes.items() if not photos[name].fits(size)]
    if not wrong:
        return
    text = (
        f"{annotations[wrong[0]]}: {len(wrong)} of {len(sizes)} photos are not as large as their annotations say "
        f"({first_few(wrong)})"
    )
    if len(wrong) > max(1, 0.05 * len(sizes)):
        raise InputError(
            f"{text}; these photos are not the ones that were annotated: put the right ones into JPEGImages, or take "
            "<size> out of the annotations if they are"
        )
    print(f"warning: {text}", file=sys.stderr)
