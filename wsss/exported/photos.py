"""Photos of any size and kind as networks take them: upright, in RGB, no larger than those of the data set."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from wsss import orientation
from wsss.data.inference_images import PIXELS_PER_BATCH
from wsss.errors import InputError
from wsss.files import as_rgb, open_image
from wsss.parallel import ahead

PhotoLike = str | os.PathLike | Image.Image | np.ndarray


class Photo(NamedTuple):
    """A photo as it is seen, RGB uint8 throughout.

    pixels: (h, w, 3), by the network: the longer side no longer than was asked for.
    shown: (h', w', 3), by people: no longer than they need.
    size: (H, W) of the photo itself, upright.
    """

    pixels: np.ndarray
    shown: np.ndarray
    size: tuple[int, int]


def upright(photo: PhotoLike) -> Image.Image:
    """Return a photo in RGB, turned as EXIF says that it is to be looked at.

    Args:
        photo: a path, a PIL image of any mode, or an array of uint8: (H, W, 3) RGB, (H, W, 4) with opacity, which is
            dropped, or (H, W) grey.

    Raises:
        InputError: of a file that is missing or does not decode.
        ValueError: of an array of another shape or type.
    """
    if isinstance(photo, np.ndarray):
        if photo.dtype != np.uint8 or 0 in photo.shape or not (photo.ndim == 2 or photo.shape[2:] in ((3,), (4,))):
            raise ValueError(f"a photo is (H, W, 3) uint8 RGB, this array is {photo.shape} {photo.dtype}")
        return as_rgb(Image.fromarray(np.ascontiguousarray(photo)))
    image = photo if isinstance(photo, Image.Image) else open_image(Path(photo))
    return as_rgb(orientation.upright(image), "photo" if isinstance(photo, Image.Image) else str(photo))


def fit(image: Image.Image, longest_side: int) -> np.ndarray:
    """Return an image as (h, w, 3), made smaller where its longer side has more pixels than that; 0 for as it is."""
    longer = max(image.size)
    if longest_side and longer > longest_side:
        width, height = (max(round(side * longest_side / longer), 1) for side in image.size)
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    return np.array(image)


def read_photos(
    paths: Iterable[Path], longest_side: int, longest_shown: int, threads: int
) -> Iterator[tuple[Path, Photo | InputError]]:
    """Yield the photos in order, decoded by threads ahead of the caller; of one that does not decode, its error."""

    def read(path: Path) -> tuple[Path, Photo | InputError]:
        try:
            image = upright(path)
        except InputError as error:
            return path, error
        return path, Photo(fit(image, longest_side), fit(image, longest_shown), (image.height, image.width))

    return ahead(read, paths, threads)


def batches(photos: Iterable[tuple[Path, Photo]]) -> Iterator[list[tuple[Path, Photo]]]:
    """Yield photos together that follow on each other and are of one size, small ones up to one photo's pixels."""
    batch: list[tuple[Path, Photo]] = []
    for path, photo in photos:
        height, width = photo.pixels.shape[:2]
        together = max(PIXELS_PER_BATCH // (height * width), 1)
        if batch and (batch[0][1].pixels.shape != photo.pixels.shape or len(batch) >= together):
            yield batch
            batch = []
        batch.append((path, photo))
    if batch:
        yield batch
