"""Lists of the images of a split, as the field writes them: a text file with a line for each image.

2007_000032                                                             VOC, IRN, MCTformer
2007_000032.jpg
/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png       PSA, SEAM; of test images the photo alone
2007_000032  1                                                          VOC's ImageSets/Main
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from wsss.data.photo_folder import PHOTO_SUFFIXES
from wsss.errors import InputError, first_few
from wsss.files import read_lines

_BESIDE = re.compile(r"(\s+\S*/\S+|\s+-1|\s{2,}[01])$")  # a mask's path, or whether the image has a class


def read_split_list(path: Path) -> list[str]:
    """Return what a list calls its images, each a path, a file name or an id.

    Raises:
        InputError: no such file, no image, one listed twice.
    """
    names = [_BESIDE.sub("", line) for line in read_lines(path)]
    if not names:
        raise InputError(f"{path}: lists no image; write one image id per line")
    return each_once(path, names)


def read_id_list(path: Path) -> list[str]:
    """Return the ids of a list's images where all photos lie in one folder: their names without folder and suffix."""
    names = [PurePosixPath(name) for name in read_split_list(path)]
    return each_once(path, [name.stem if name.suffix.lower() in PHOTO_SUFFIXES else name.name for name in names])


def each_once(path: Path, names: list[str]) -> list[str]:
    """Return what the list at `path` names, or an `InputError` where it names something twice."""
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise InputError(f"{path}: listed more than once: {first_few(twice)}; keep one line per image")
    return names
