"""Labels in a text list, .txt: a photo and its classes in each line, `a.jpg cat dog`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.data.photo_folder import PHOTO_SUFFIXES
from wsss.files import read_lines

_SUFFIX = "|".join(map(re.escape, PHOTO_SUFFIXES))
_PHOTO = re.compile(rf"(?P<photo>.+?({_SUFFIX})|\S+)(?P<names>(\s.*)?)", re.IGNORECASE)


def read_text_list(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read a list of labels; blanks part the photo and the names of its classes, which have none themselves.

    A photo may have blanks in its name if that ends in the suffix of a photo.
    """
    rows = (_PHOTO.fullmatch(line) for line in read_lines(path))
    return photo_labels(path, ((row["photo"], row["names"].split()) for row in rows if row), classes)
