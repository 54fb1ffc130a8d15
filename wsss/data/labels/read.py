"""Read labels in whatever form they are, by what the file or folder looks like."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.class_folders import read_class_folders
from wsss.data.labels.cls_labels import read_cls_labels
from wsss.data.labels.coco_json import read_coco_labels
from wsss.data.labels.photo_labels import PhotoLabels
from wsss.data.labels.table import read_table
from wsss.data.labels.text_list import read_text_list
from wsss.data.labels.voc_folder import read_voc_folder
from wsss.errors import InputError

__all__ = ["FORMS", "PhotoLabels", "read_labels"]

FORMS = {  # by suffix
    ".csv": read_table,
    ".tsv": read_table,
    ".txt": read_text_list,
    ".npy": read_cls_labels,
    ".json": read_coco_labels,
}


def read_labels(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read the labels of photos from a file or a folder.

    Args:
        path: a table (.csv, .tsv), a list (.txt), cls_labels.npy, COCO's JSON, a folder of VOC's XML files, or a folder
            that holds a folder of photos for each class.
        classes: all classes in the order of their numbers; None: as the file says.

    Raises:
        InputError: for what is none of these, or not as it should be.
    """
    if path.is_dir():
        return (read_voc_folder if any(path.glob("*.xml")) else read_class_folders)(path, classes)
    if not path.is_file():
        raise InputError(f"{path}: no such file; give the file or folder that names the classes of each photo")
    if path.suffix.lower() not in FORMS:
        raise InputError(f"{path}: labels are read from {', '.join(FORMS)}, or a folder; save them as one of these")
    return FORMS[path.suffix.lower()](path, classes)
