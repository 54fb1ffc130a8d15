"""Finding files, and writing the prepared form that `wsss.data.prepared` reads.

Links are absolute, so the directory that is filled may be renamed afterwards.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from wsss.config.plain_name import is_plain_text
from wsss.errors import InputError
from wsss.files import one_writing, read_mask, write_mask
from wsss.orientation import Orientation, turned


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` an absolute symbolic link to `source`, or a copy on a file system without links."""
    try:
        target.symlink_to(Path(source).absolute())
    except OSError:
        shutil.copyfile(source, target)


def place_mask(source: Path, target: Path, photo: Orientation) -> None:
    """Link a palette mask; write a greyscale one anew with VOC's palette, and one that lies as its photo is stored."""
    with Image.open(source) as image:
        is_palette, turn = image.mode == "P", photo.turn_of((image.height, image.width))
    if is_palette and turn is None:
        link_or_copy(source, target)
    else:
        write_mask(target, turned(read_mask(source), turn))


def check_ids(ids: Iterable[str]) -> None:
    """Refuse ids that a list of a line each would not give back, or that no file can have."""
    for name in ids:
        if not is_plain_text(name) or "/" in name or len(name.encode()) > 240:
            raise InputError(
                f"{name!r} cannot be the name of an image; rename the photo: printable, no blank at its ends, no /, at "
                "most 240 bytes"
            )


def write_tables(
    out: Path, classes: Sequence[str], splits: Mapping[str, Sequence[str]], labels: Mapping[str, np.ndarray]
) -> None:
    """Write `classes.txt`, `splits/*.txt` and `labels.csv` (rows in the order of `labels`, (C,) of 0 and 1 each)."""
    check_ids(name for ids in splits.values() for name in ids)
    (out / "splits").mkdir(exist_ok=True)
    (out / "classes.txt").write_text("".join(f"{name}\n" for name in classes), encoding="utf-8")
    for split, ids in splits.items():
        (out / "splits" / f"{split}.txt").write_text("".join(f"{name}\n" for name in ids), encoding="utf-8")
    with (out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", *classes])
        table.writerows([name, *row.astype(int).tolist()] for name, row in labels.items())


def files_by_id(folder: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    """Return the files of a folder by their names without suffix; where two share one, the earlier suffix wins."""
    found: dict[str, Path] = {}
    files = [path for path in folder.iterdir() if path.suffix.lower() in suffixes] if folder.is_dir() else []
    for path in sorted(files, key=lambda path: (suffixes.index(path.suffix.lower()), path.name)):
        found.setdefault(one_writing(path.stem), path)
    return found
