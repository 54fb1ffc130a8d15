"""Read a folder in PASCAL VOC's layout: which ids are where, with which image-level labels.

    JPEGImages/ID.jpg   SegmentationClass/ID.png   Annotations/ID.xml   ImageSets/Segmentation/{train,val,test}.txt

Nothing is decoded here but the XML; `wsss.data.prepare` looks into photos and masks.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wsss.errors import InputError, did_you_mean
from wsss.files import VOID, read_lines

VOC_CLASSES: tuple[str, ...] = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png")
NEEDED_SPLITS, OPTIONAL_SPLITS = ("train", "val"), ("test",)


@dataclass(frozen=True)
class VocLayout:
    """A data set as found: class number c is `classes[c - 1]`."""

    classes: tuple[str, ...]
    splits: dict[str, list[str]]
    photos: dict[str, Path]  # every id of every split
    masks: dict[str, Path]  # the ids that have one: all of val, any of train and test
    labels: dict[str, np.ndarray]  # (C,) uint8 of 0 and 1: all of train, any of val
    annotations: dict[str, Path]  # those that the labels are from


def several(names: Sequence[object], shown: int = 5) -> str:
    """Return the first few of `names` and how many more there are: `"a, b and 12 more"`."""
    text = ", ".join(map(str, names[:shown]))
    return f"{text} and {len(names) - shown} more" if len(names) > shown else text


def check_classes(classes: Iterable[str]) -> tuple[str, ...]:
    """Return foreground class names as a tuple, or an `InputError` where they cannot number the pixels of a mask."""
    classes = tuple(classes)
    if not 1 <= len(classes) < VOID:
        raise InputError(f"classes: {len(classes)} names given; a mask has room for 1 to {VOID - 1} foreground classes")
    if wrong := [name for name in classes if not isinstance(name, str) or not name or name != name.strip()]:
        raise InputError(f"classes: {wrong[0]!r} is not a class name; give plain text, without blanks at its ends")
    if twice := [name for name, count in Counter(classes).items() if count > 1]:
        raise InputError(f"classes: {twice[0]!r} is listed twice; every class number needs its own name")
    if "background" in classes:
        raise InputError(
            "classes: leave 'background' out, it is always number 0; list the foreground classes from 1 on"
        )
    return classes


def read_annotation(path: Path, classes: Sequence[str]) -> np.ndarray:
    """Read the image-level labels from the object names of a VOC annotation: (C,) uint8 of 0 and 1.

    Objects marked difficult count. No object at all gives all zeros.
    """
    labels = np.zeros(len(classes), np.uint8)
    for item in _parse(path).iter("object"):
        name = (item.findtext("name") or "").strip()
        if not name:
            raise InputError(f"{path}: an <object> has no <name>; name its class or remove the object")
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
        raise InputError(f"{path}: does not parse as XML ({error}); correct it or drop its id from the split") from None


def _read_split(path: Path) -> list[str]:
    try:
        ids = read_lines(path)
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file; list one image id per line") from None
    if not ids:
        raise InputError(f"{path}: lists no image; write one image id per line")
    if twice := [name for name, count in Counter(ids).items() if count > 1]:
        raise InputError(f"{path}: listed more than once: {several(twice)}; keep one line per image")
    return ids


def _read_splits(folder: Path) -> dict[str, list[str]]:
    for name in NEEDED_SPLITS:
        if not (folder / f"{name}.txt").is_file():
            raise InputError(
                f"{folder / name}.txt: no such file; list the ids of the {name} images in it, one per line"
            )
    found = [name for name in (*NEEDED_SPLITS, *OPTIONAL_SPLITS) if (folder / f"{name}.txt").is_file()]
    return {name: _read_split(folder / f"{name}.txt") for name in found}


def files_by_id(folder: Path, suffixes: Sequence[str]) -> dict[str, Path]:
    """Return the files of a folder by their names without suffix; where two share one, the earlier suffix wins."""
    found: dict[str, Path] = {}
    files = [path for path in folder.iterdir() if path.suffix.lower() in suffixes] if folder.is_dir() else []
    for path in sorted(files, key=lambda path: (suffixes.index(path.suffix.lower()), path.name)):
        found.setdefault(path.stem, path)
    return found


def _require(split: str, ids: list[str], found: dict[str, Path], what: str, folder: Path, why: str = "") -> None:
    if missing := [name for name in ids if name not in found]:
        message = f"{folder}: no {what} for {several(missing)} of split {split!r}{why}"
        raise InputError(f"{message}; add the files or drop the ids from ImageSets/Segmentation/{split}.txt")


def read_voc_layout(root: Path, classes: Sequence[str] | None = None) -> VocLayout:
    """Read the lists and annotations of a folder in VOC layout; `classes` are VOC's 20 unless given.

    Train needs a photo and an annotation for every id, masks for none; val needs a photo and a mask for every id;
    test needs photos. Annotations of test are not read: those that VOC publishes name only some of the objects.
    """
    root = Path(root)
    photo_folder, mask_folder, annotation_folder = (
        root / name for name in ("JPEGImages", "SegmentationClass", "Annotations")
    )
    if not photo_folder.is_dir():
        nearer = next((path.parent for path in (*root.glob("*/JPEGImages"), *root.glob("*/*/JPEGImages"))), None)
        advice = f"did you mean {nearer}?" if nearer else "give the folder that holds JPEGImages and ImageSets"
        raise InputError(f"{photo_folder}: no such folder; {advice}")
    classes = check_classes(VOC_CLASSES if classes is None else classes)
    splits = _read_splits(root / "ImageSets" / "Segmentation")
    photos = files_by_id(photo_folder, PHOTO_SUFFIXES)
    masks, annotations = files_by_id(mask_folder, (".png",)), files_by_id(annotation_folder, (".xml",))
    for split, ids in splits.items():
        _require(split, ids, photos, "photo (.jpg)", photo_folder)
    _require("val", splits["val"], masks, "mask (.png)", mask_folder, ", which is what results are measured on")
    _require("train", splits["train"], annotations, "annotation (.xml)", annotation_folder)

    used = dict.fromkeys(name for ids in splits.values() for name in ids)
    labelled = dict.fromkeys(name for split in NEEDED_SPLITS for name in splits[split] if name in annotations)
    return VocLayout(
        classes=classes,
        splits=splits,
        photos={name: photos[name] for name in used},
        masks={name: masks[name] for name in used if name in masks},
        labels={name: read_annotation(annotations[name], classes) for name in labelled},
        annotations={name: annotations[name] for name in labelled},
    )
