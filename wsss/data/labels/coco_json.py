"""Labels as MS COCO has them: a JSON of annotations, of whose boxes and outlines nothing is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.data.layouts.coco import read_instances


def read_coco_labels(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read which categories the annotations of each image are of; classes are numbered in the order of their ids."""
    names, images = read_instances(path, Path)
    rows = ((image.photo.as_posix(), {names[instance.number - 1] for instance in image.instances}) for image in images)
    return photo_labels(path, rows, classes, names)
