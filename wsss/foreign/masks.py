"""Foreign masks: PNG files of class numbers or VOC's colours, or the dictionaries of CRF probabilities beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import VOID, open_image, voc_palette
from wsss.foreign.numbering import FROM_ONE, of_masks, table_of, unlabelled
from wsss.foreign.seed_maps import read_seed_maps
from wsss.parallel import parallel

_VOID_COLOUR = (224, 224, 192)


def read_values(path: Path, size: tuple[int, int]) -> np.ndarray:
    """Return the numbers in a mask file, (H, W) uint8; an RGB file must have VOC's colours alone."""
    image = open_image(path)
    mode, pixels = image.mode, np.asarray(image)
    if mode == "RGB":
        pixels = _numbers_of(path, pixels)
    elif mode not in ("P", "L"):
        raise InputError(f"{path}: a mask is a palette, greyscale or RGB PNG, this one is {mode}")
    if pixels.shape != size:
        raise InputError(f"{path}: {pixels.shape} (height, width), but its image is {size}; is it of another photo?")
    return pixels


def _numbers_of(path: Path, pixels: np.ndarray) -> np.ndarray:
    codes = pixels.astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    known = {int(code): number for number, code in enumerate(voc_palette().astype(np.int64) @ [1 << 16, 1 << 8, 1])}
    known[(_VOID_COLOUR[0] << 16) + (_VOID_COLOUR[1] << 8) + _VOID_COLOUR[2]] = VOID
    found, places = np.unique(codes, return_inverse=True)
    for code in found.tolist():
        if code not in known:
            colour = (code >> 16, code >> 8 & 255, code & 255)
            raise InputError(f"{path}: the colour {colour} is none of VOC's; save the mask as a palette PNG")
    return np.array([known[code] for code in found.tolist()], np.uint8)[places].reshape(codes.shape)


def masks_numbering(dataset: PreparedDataset, folder: Path, ids: Sequence[str], given: str | None, threads: int) -> str:
    """Return how the masks of a folder count, told by the labels of all their images, or as `given`.

    Raises:
        InputError: a mask holds a class that its image is not labelled with, or more than one numbering is possible.
    """
    values = list(parallel(partial(_values_of, dataset, folder), ids, threads))
    possible = of_masks(values) if given is None else [given]
    if len(possible) > 1:
        raise InputError(
            f"{folder}: its masks can be {' or '.join(possible)}, and the labels of all {len(ids)} images fit each; "
            f"say which in params.yaml: foreign: {{ NAME: {{ folder: {folder}, numbering: {possible[0]} }} }}"
        )
    numbering = possible[0] if possible else FROM_ONE  # by which the first mask is refused that does not fit
    for name, (found, labels) in zip(ids, values, strict=True):
        if beside := unlabelled(found, labels, numbering):
            raise InputError(
                f"{folder / name}.png: it holds the classes {beside}, but its image is labelled {sorted(labels)} "
                f"(numbering: {numbering})"
            )
    return numbering


def _values_of(dataset: PreparedDataset, folder: Path, name: str) -> tuple[set[int], list[int]]:
    values = read_values(folder / f"{name}.png", dataset.image_size(name))
    return set(np.unique(values).tolist()), dataset.classes_of(name)


def read_foreign_mask(path: Path, labels: Collection[int], size: tuple[int, int], numbering: str | None) -> np.ndarray:
    """Return a foreign mask, (H, W) uint8: 0 background, 1…C classes, 255 void.

    A PNG file is read by its `numbering`. Of a dictionary, which needs a background, the largest map wins, and of
    equal ones the first.
    """
    if path.suffix == ".png":
        return table_of(numbering or FROM_ONE)[read_values(path, size)]
    found = read_seed_maps(path, labels, size, numbering)
    if found.background is None:
        raise InputError(f"{path}: maps without a background are seeds, not a mask; read them as seeds")
    if found.background.shape != size:
        raise InputError(f"{path}: maps of {found.background.shape}, but a mask has the size of its image, {size}")
    winner = np.concatenate([found.background[None], found.maps]).argmax(0)
    return np.append(0, found.classes)[winner].astype(np.uint8)
