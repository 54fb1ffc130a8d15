"""Labels as PASCAL VOC has them: a folder with an XML file for each photo, which names its objects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.data.layouts.voc_annotation import read_object_names


def read_voc_folder(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read the labels of the photos that the folder has an annotation for."""
    return photo_labels(path, ((xml.stem, read_object_names(xml)) for xml in sorted(path.glob("*.xml"))), classes)
