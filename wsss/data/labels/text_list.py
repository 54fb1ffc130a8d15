"""Labels in a text list, .txt: a photo and its classes in each line, `a.jpg cat dog`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.files import read_lines


def read_text_list(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read a list of labels; blanks part the photo and the names of its classes, which have none themselves."""
    words = [line.split() for line in read_lines(path)]
    return photo_labels(path, ((photo, names) for photo, *names in words), classes)
