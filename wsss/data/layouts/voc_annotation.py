"""PASCAL VOC's annotations: an XML file per photo, with the names of its objects and the photo's size."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wsss.errors import InputError, did_you_mean, one_line
from wsss.files import one_writing


def read_object_names(path: Path) -> list[str]:
    """Read the names of the objects of a VOC annotation, those marked difficult, too."""
    names = [one_writing(item.findtext("name") or "").strip() for item in _parse(path).iter("object")]
    if not all(names):
        raise InputError(f"{path}: an <object> has no <name>; name its class or remove the object")
    return names


def read_annotation(path: Path, classes: Sequence[str]) -> np.ndarray:
    """Read the image-level labels from the object names of a VOC annotation: (C,) uint8 of 0 and 1.

    Objects marked difficult count. No object at all gives all zeros.
    """
    labels = np.zeros(len(classes), np.uint8)
    for name in read_object_names(path):
        if name not in classes:
            raise InputError(f"{path}: object name {name!r} is not one of the classes{did_you_mean(name, classes)}")
        labels[classes.index(name)] = 1
    return labels


def read_annotated_size(path: Path) -> tuple[int, int] | None:
    """Read the photo's (height, width) from a VOC annotation; None where it does not tell."""
    texts = [_parse(path).findtext(f"size/{key}") or "" for key in ("height", "width")]
    return (int(texts[0]), int(texts[1])) if all(text.strip().isdecimal() for text in texts) else None


def _parse(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(path).getroot()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise InputError(
            f"{path}: does not parse as XML ({one_line(error)}); correct it or drop its id from the split"
        ) from None
