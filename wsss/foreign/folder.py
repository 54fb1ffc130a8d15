"""A folder of another method's files, held against a data set: what they are, how they count, whether all are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, first_few
from wsss.files import whole_directory
from wsss.foreign.masks import masks_numbering, read_foreign_mask
from wsss.foreign.seed_maps import read_seed_maps
from wsss.parallel import parallel
from wsss.progress import progress

DICTIONARY, PICTURE = ".npy", ".png"


@dataclass(frozen=True)
class ForeignFolder:
    """A folder whose files are all of one kind.

    suffix: of its files, one of `DICTIONARY` and `PICTURE`.
    numbering: how its files count the classes; None where the labels of each image tell.
    without: ids of images that have no file and need none, as they have no class.
    """

    dataset: PreparedDataset
    path: Path
    suffix: str
    numbering: str | None
    without: frozenset[str]

    def seed(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return an image's classes (K,) and maps (K, h, w) float32 in [0, 1]; of a mask, 1 within it, else 0."""
        labels, size = self.dataset.classes_of(name), self.dataset.image_size(name)
        if name in self.without:
            return np.zeros(0, np.int64), np.zeros((0, *size), np.float32)
        if self.suffix == PICTURE:
            mask, classes = self.mask(name), np.array(labels, np.int64)
            return classes, (mask == classes[:, None, None]).astype(np.float32)
        seed = read_seed_maps(self.path / f"{name}{DICTIONARY}", labels, size, self.numbering)
        return seed.classes, seed.maps

    def mask(self, name: str) -> np.ndarray:
        """Return an image's mask, (H, W) uint8: 0 background, 1…C classes, 255 void."""
        labels, size = self.dataset.classes_of(name), self.dataset.image_size(name)
        if name in self.without:
            return np.zeros(size, np.uint8)
        return read_foreign_mask(self.path / f"{name}{self.suffix}", labels, size, self.numbering)


def open_folder(
    dataset: PreparedDataset,
    path: Path,
    ids: Sequence[str],
    suffixes: Sequence[str],
    numbering: str | None,
    threads: int,
) -> ForeignFolder:
    """Return a folder that has a file for each of these images, but for those without a class.

    Args:
        suffixes: of the files that will do; where a folder has files of both kinds, the first.
        numbering: how its files count the classes, if the user says so.

    Raises:
        InputError: no such folder, files that are missing, masks whose numbering the labels do not tell.
    """
    try:
        there = {file.name for file in path.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{path}: no such folder") from None
    suffix = next((one for one in suffixes if any(f"{name}{one}" in there for name in ids)), None)
    if suffix is None:
        raise InputError(
            f"{path}: has no file of any of the {len(ids)} images of {dataset.name}, such as "
            f"{' or '.join(f'{ids[0]}{one}' for one in suffixes)}; name the folder in which they lie"
        )
    lacking = [name for name in ids if f"{name}{suffix}" not in there]
    if needed := [name for name in lacking if dataset.classes_of(name)]:
        raise InputError(
            f"{path}: {len(needed)} of {len(ids)} images have no {suffix} file: {first_few(needed)}; add them, or "
            "train on a split without these images"
        )
    if suffix == PICTURE:
        present = [name for name in ids if f"{name}{suffix}" in there]
        numbering = masks_numbering(dataset, path, present, numbering, threads)
    return ForeignFolder(dataset, path, suffix, numbering, frozenset(lacking))


def write_each(write: Callable[[Path, str], None], ids: Sequence[str], out: Path, threads: int, what: str) -> int:
    """Fill the folder `out`, whole or not at all, by `write(folder, id)` for every image, in several processes.

    Return how many images.
    """
    with whole_directory(out) as folder:
        done = parallel(partial(write, folder), ids, threads)
        for _ in progress(done, len(ids), what):
            pass
    return len(ids)
