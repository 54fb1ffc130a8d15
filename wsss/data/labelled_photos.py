"""Photos and labels brought together: which photo a label is of, and what is missing on either side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wsss.data.labels import PhotoLabels
from wsss.data.photo_folder import PhotoFolder
from wsss.errors import InputError


@dataclass(frozen=True)
class LabelledPhotos:
    """Photos with labels, and what has only one of the two; class number c is `classes[c - 1]`."""

    classes: tuple[str, ...]
    photos: dict[str, Path]  # all, by id
    labels: dict[str, np.ndarray]  # (C,) uint8 of 0 and 1, in the order of the photos
    without_photo: list[str]  # what the labels call photos that are not there

    @property
    def unlabelled(self) -> list[str]:
        """The ids of photos without labels."""
        return [name for name in self.photos if name not in self.labels]


def match_labels(folder: PhotoFolder, labels: PhotoLabels) -> LabelledPhotos:
    """Find the photo of each label; an `InputError` where two names mean one photo, or a name several."""
    names: dict[str, str | int] = {}
    missing: list[str] = []
    for given in labels.of:
        try:
            name = folder.id_of(given)
        except InputError as error:
            raise InputError(f"{labels.source}: {error}") from None
        if name is None:
            missing.append(str(given))
        elif name in names:
            raise InputError(
                f"{labels.source}: {names[name]} and {given} both mean {folder.photos[name]}; keep one of them"
            )
        else:
            names[name] = given
    rows = {
        name: np.array([one in labels.of[names[name]] for one in labels.classes], np.uint8)
        for name in folder.photos
        if name in names
    }
    return LabelledPhotos(labels.classes, folder.photos, rows, missing)
