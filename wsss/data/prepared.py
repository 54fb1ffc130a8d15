"""A prepared data set: the one form in which every stage after `prepare_data` reads images, masks and labels.

    images/ID.jpg   masks/ID.png   labels.csv   splits/NAME.txt   classes.txt

`masks/` are palette PNGs of class numbers: 0 background, 1..C the lines of `classes.txt`, 255 void. `labels.csv` has
one row of 0s and 1s for each image whose image-level labels are known. `wsss.data.layouts.writing` writes it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from wsss.errors import InputError, did_you_mean, one_line
from wsss.files import one_writing, read_image, read_lines, read_mask, read_text
from wsss.orientation import orientation


class PreparedDataset:
    """Read access to a prepared data set. Every table is read when first needed, every image when asked for."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        if not (self.root / "classes.txt").is_file():
            raise InputError(f"{self.root}: not a prepared data set; make it with stages/prepare_data.py")

    def __repr__(self) -> str:
        return f"PreparedDataset({str(self.root)!r})"

    def __reduce__(self) -> tuple:
        return _opened, (self.root,)  # a worker process reads the tables once, not for every image it is sent

    @property
    def name(self) -> str:
        """The data set's name: that of its folder."""
        return self.root.resolve().name

    @cached_property
    def classes(self) -> tuple[str, ...]:
        """Names of the C foreground classes; class number c is `classes[c - 1]`."""
        return tuple(read_lines(self.root / "classes.txt"))

    @cached_property
    def split_names(self) -> tuple[str, ...]:
        """The splits there are, sorted."""
        return tuple(sorted(path.stem for path in (self.root / "splits").glob("*.txt")))

    def split(self, name: str) -> list[str]:
        """Return the image ids of a split, in its order."""
        if name not in self.split_names:
            raise InputError(f"{self.root}: no split {name!r}{did_you_mean(name, self.split_names)}")
        return read_lines(self.root / "splits" / f"{name}.txt")

    def union(self, *names: str) -> list[str]:
        """Return the image ids of several splits, each id once, in their order."""
        return list(dict.fromkeys(image_id for name in names for image_id in self.split(name)))

    @cached_property
    def _image_names(self) -> dict[str, str]:
        # One listing instead of a guess of the suffix for each of 80,000 ids.
        return {one_writing(path.stem): path.name for path in (self.root / "images").iterdir()}

    @cached_property
    def _masked(self) -> frozenset[str]:
        folder = self.root / "masks"
        return frozenset(one_writing(path.stem) for path in folder.iterdir()) if folder.is_dir() else frozenset()

    @cached_property
    def _labels(self) -> tuple[dict[str, int], np.ndarray]:
        path = self.root / "labels.csv"
        try:
            rows = csv.reader(read_text(path).split("\n"), strict=True)
            header = next(rows, [])
            body = [(row[0], "".join(row[1:])) for row in rows if row]
        except csv.Error as error:
            raise InputError(f"{path}: not a table ({one_line(error)}); prepare the data set again") from None
        if tuple(header[1:]) != self.classes:
            raise InputError(f"{path}: its columns are not the lines of classes.txt; prepare the data set again")
        for name, digits in body:
            if len(digits) != len(self.classes) or digits.strip("01"):
                raise InputError(f"{path}: row {name!r} is not a 0 or 1 for each class; prepare the data set again")
        table = np.frombuffer("".join(digits for _, digits in body).encode(), np.uint8) - ord("0")
        return {name: row for row, (name, _) in enumerate(body)}, table.reshape(-1, len(self.classes))

    def labels(self, ids: Sequence[str]) -> np.ndarray:
        """Return the image-level labels of these images, (N, C) uint8 of 0 and 1; an unlabelled id is an error."""
        rows, table = self._labels
        for name in ids:
            if name not in rows:
                raise InputError(
                    f"{self.root / 'labels.csv'}: no image-level labels for {name!r}; use a labelled split"
                )
        return table[[rows[name] for name in ids]]

    def classes_of(self, name: str) -> list[int]:
        """Return the numbers of the classes that an image is labelled with, ascending from 1."""
        return (np.flatnonzero(self.labels([name])[0]) + 1).tolist()

    def knows_labels(self, name: str) -> bool:
        """Return whether this image has image-level labels."""
        return name in self._labels[0]

    def has_labels(self, split: str) -> bool:
        """Return whether every image of a split has image-level labels."""
        return all(name in self._labels[0] for name in self.split(split))

    def by_label(self, ids: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return the ids of images with and without a class to their name; all count as with where labels are unknown.

        COCO's val has 40,137 and 367.
        """
        if not all(self.knows_labels(name) for name in ids):
            return list(ids), []
        classes = dict(zip(ids, self.labels(ids).sum(1).tolist(), strict=True))
        return [name for name in ids if classes[name]], [name for name in ids if not classes[name]]

    def image_path(self, name: str) -> Path:
        """Return where the photo with this id is."""
        if name not in self._image_names:
            raise InputError(f"{self.root / 'images'}: no image with id {name!r}; prepare the data set again")
        return self.root / "images" / self._image_names[name]

    def image(self, name: str) -> np.ndarray:
        """Read a photo, upright, (H, W, 3) uint8 RGB."""
        return read_image(self.image_path(name))

    def image_size(self, name: str) -> tuple[int, int]:
        """Return the (H, W) of a photo, upright, from the file's header, without decoding the pixels."""
        path = self.image_path(name)
        try:
            with Image.open(path) as image:
                return orientation(image).upright
        except (UnidentifiedImageError, OSError) as error:
            raise InputError(f"{path}: cannot be read ({one_line(error)}); prepare the data set again") from None

    def mask_path(self, name: str) -> Path:
        """Return where the mask of this id is; an id without a mask is an error."""
        if name not in self._masked:
            raise InputError(f"{self.root / 'masks'}: no mask for {name!r}; use a split that has masks")
        return self.root / "masks" / f"{name}.png"

    def mask(self, name: str) -> np.ndarray:
        """Read a mask, (H, W) uint8: 0 background, 1..C classes, 255 void."""
        return read_mask(self.mask_path(name))

    def has_mask(self, name: str) -> bool:
        """Return whether this image has a mask."""
        return name in self._masked

    def masked(self, split: str) -> list[str]:
        """Return the ids of those images of a split that have a mask."""
        return [name for name in self.split(split) if name in self._masked]

    def has_masks(self, split: str) -> bool:
        """Return whether every image of a split has a mask."""
        return len(self.masked(split)) == len(self.split(split))


@cache
def _opened(root: Path) -> PreparedDataset:
    return PreparedDataset(root)
