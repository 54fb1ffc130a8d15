"""Labels in a table, .csv or .tsv: a line for each photo, its classes by name or as columns of 0 and 1.

file,labels               file,cat,dog
a.jpg,cat|dog             a.jpg,1,1
b.jpg,                    b.jpg,0,0
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.errors import InputError
from wsss.files import read_text

_BETWEEN = re.compile(r"[|;,]")
_TRUTH = {"0": False, "1": True, "0.0": False, "1.0": True}
_HEADS = {"file", "files", "filename", "file_name", "image", "images", "image_id", "img", "id", "name", "photo", "path"}


def read_table(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read a table of labels.

    The first column names photos. Where the second has a header of its own and all cells from there on are 0 or 1,
    they are columns of classes. Otherwise they hold names of classes, several in a cell between any of `|`, `;`, `,`. A
    first line is a header where it begins with a word such as file, image or id.
    """
    rows = _rows(path)
    header, body = (rows[0], rows[1:]) if rows and rows[0][0].lower() in _HEADS else (None, rows)
    if header is not None and len(header) > 1 and body and all(cell in _TRUTH for row in body for cell in row[1:]):
        return _from_columns(path, header, body, classes)
    named = ((row[0], _names(row[1:])) for row in body)
    return photo_labels(path, named, classes)


def _rows(path: Path) -> list[list[str]]:
    """Return the cells of all lines that are not empty, by the delimiter that the first line has."""
    lines = [line for line in read_text(path).split("\n") if line.strip()]
    first = lines[0] if lines else ""
    delimiter = "\t" if "\t" in first else ";" if ";" in first and "," not in first else ","
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise InputError(f"{path}: not a table ({error}); save it as CSV") from None
    rows = [[cell.strip() for cell in row] for row in rows]
    if nameless := [number for number, row in enumerate(rows, 1) if not row[0]]:
        raise InputError(f"{path}: line {nameless[0]} names no photo; name it in the first column")
    return rows


def _names(cells: Sequence[str]) -> list[str]:
    names = (name.strip() for cell in cells for name in _BETWEEN.split(cell))
    return [name for name in names if name]


def _from_columns(
    path: Path, header: Sequence[str], body: Sequence[Sequence[str]], classes: Sequence[str] | None
) -> PhotoLabels:
    if ragged := [row[0] for row in body if len(row) != len(header)]:
        raise InputError(f"{path}: {ragged[0]} has not as many cells as the first line; give a 0 or 1 for each class")
    rows = ((row[0], [name for name, cell in zip(header[1:], row[1:], strict=True) if _TRUTH[cell]]) for row in body)
    return photo_labels(path, rows, classes, header[1:])
