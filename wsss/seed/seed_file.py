"""The seed of one image as a file: an `.npz` of the present classes and their maps at quarter resolution."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, one_line
from wsss.files import whole_file


@dataclass(frozen=True)
class Seed:
    """Localisation maps of the classes that an image is labelled with; K = 0 for an image without labels.

    classes: (K,) int64, ascending, in 1…C (0 is the background, which has no map).
    maps: (K, h, w) float16 in [0, 1], about a quarter of the image's resolution.
    image_size: (H, W) of the image in pixels.
    """

    classes: np.ndarray
    maps: np.ndarray
    image_size: tuple[int, int]

    def __post_init__(self) -> None:
        classes, maps = self.classes, self.maps
        if classes.ndim != 1 or maps.ndim != 3 or len(classes) != len(maps):
            raise ValueError(f"classes {classes.shape} and maps {maps.shape} are not (K,) and (K, h, w)")
        if classes.dtype != np.int64 or maps.dtype != np.float16:
            raise ValueError(f"classes are {classes.dtype} and maps {maps.dtype}, not int64 and float16")
        if len(classes) and (classes[0] < 1 or (np.diff(classes) <= 0).any()):
            raise ValueError(f"classes {classes.tolist()} are not ascending from 1")
        if maps.size and not 0 <= maps.min() <= maps.max() <= 1:  # false for NaN, too
            raise ValueError("maps hold values outside [0, 1]")
        if min(self.image_size) < 1 or (len(maps) and min(maps.shape) < 1):
            raise ValueError(f"maps {maps.shape} of an image of size {self.image_size} are empty")


def seed_of(labels: torch.Tensor, maps: torch.Tensor, image_size: tuple[int, int]) -> Seed:
    """Return the seed of an image with labels (C,), 1 for present and 0, of the maps of all classes, (C, h, w)."""
    present = torch.nonzero(labels)[:, 0]
    return Seed((present + 1).numpy(), maps[present].half().numpy(), image_size)


def write_seed(path: Path, classes: np.ndarray, maps: np.ndarray, image_size: tuple[int, int]) -> None:
    """Write a seed, whole or not at all; the same seed gives the same bytes. See `Seed` for shapes and ranges.

    Raises `ValueError` where they do not hold; any integers and floats are converted to int64 and float16.
    """
    height, width = image_size
    seed = Seed(np.asarray(classes, np.int64), np.asarray(maps, np.float16), (int(height), int(width)))
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, classes=seed.classes, maps=seed.maps, image_size=np.array(seed.image_size, np.int64))


def read_seed(path: Path) -> Seed:
    """Read a seed; a file that is missing, broken or not a seed is an `InputError` that names it."""
    if path.is_file() and not zipfile.is_zipfile(path):
        raise InputError(f"{path}: not a seed (no archive of arrays); run the stage extract_seed again")
    try:
        with np.load(path, allow_pickle=False) as file:
            height, width = file["image_size"].tolist()
            return Seed(file["classes"], file["maps"], (height, width))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the stage extract_seed") from None
    except Exception as error:  # of a broken archive anything can come
        raise InputError(f"{path}: not a seed ({one_line(error)}); run the stage extract_seed again") from None


def read_seed_of(dataset: PreparedDataset, seeds: Path, image_id: str) -> Seed:
    """Read an image's seed from the folder `seeds`; one of other classes or another size is refused by name."""
    path = seeds / f"{image_id}.npz"
    seed = read_seed(path)
    labelled = dataset.classes_of(image_id)
    if seed.classes.tolist() != labelled:
        found = f"seeds of the classes {seed.classes.tolist()}, but {dataset.root} labels the image {labelled}"
        raise InputError(f"{path}: {found}; are they of another data set? Run the stage extract_seed again")
    size = dataset.image_size(image_id)
    if seed.image_size != size:
        found = f"of an image of {seed.image_size} (height, width), but {dataset.image_path(image_id)} is {size}"
        raise InputError(f"{path}: {found}; are they of another data set? Run the stage extract_seed again")
    return seed


def seed_at_full_size(seed: Seed) -> np.ndarray:
    """Return the maps of a seed at the size of its image, (K, H, W) float32, resized bilinearly."""
    if not len(seed.maps):
        return np.zeros((0, *seed.image_size), np.float32)
    maps = torch.from_numpy(seed.maps.astype(np.float32))
    return F.interpolate(maps[None], size=seed.image_size, mode="bilinear", align_corners=False)[0].numpy()


def seed_at_threshold(seed: Seed, threshold: float) -> np.ndarray:
    """Return the mask (H, W) uint8 that a seed is where the background's score is `threshold`, as it is evaluated."""
    maps = seed_at_full_size(seed)
    scores = np.concatenate([np.full((1, *maps.shape[1:]), threshold, np.float32), maps])
    return np.append(0, seed.classes)[scores.argmax(0)].astype(np.uint8)
