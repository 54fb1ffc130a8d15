"""Labels as folders: the photos of each class in a folder of its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.data.photo_folder import photos_below
from wsss.errors import InputError


def read_class_folders(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read the labels of the photos below a folder that holds a folder for each class; they have one each."""
    photos = photos_below(path)
    if loose := [photo for photo in photos if photo.parent == path]:
        raise InputError(
            f"{loose[0]}: lies in no class's folder; give the file that holds the labels, or put each photo into "
            "the folder of its class"
        )
    return photo_labels(path, ((photo.as_posix(), [photo.relative_to(path).parts[0]]) for photo in photos), classes)
