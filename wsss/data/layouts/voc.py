"""Layout `voc`: a folder in PASCAL VOC's layout.

    JPEGImages/ID.jpg   SegmentationClass/ID.png   Annotations/ID.xml   ImageSets/Segmentation/{train,val,test}.txt

`read_voc_layout` finds which ids are where, with which image-level labels, and decodes nothing but the XML.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wsss.config.blocks import Data
from wsss.data.layouts.checks import check_annotated_sizes, check_classes, check_pairs
from wsss.data.layouts.voc_annotation import read_annotation
from wsss.data.layouts.writing import files_by_id, link_or_copy, place_mask, write_tables
from wsss.errors import InputError, first_few
from wsss.files import read_lines

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


def _read_split(path: Path) -> list[str]:
    try:
        ids = read_lines(path)
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file; list one image id per line") from None
    if not ids:
        raise InputError(f"{path}: lists no image; write one image id per line")
    if twice := [name for name, count in Counter(ids).items() if count > 1]:
        raise InputError(f"{path}: listed more than once: {first_few(twice)}; keep one line per image")
    return ids


def _read_splits(folder: Path) -> dict[str, list[str]]:
    for name in NEEDED_SPLITS:
        if not (folder / f"{name}.txt").is_file():
            raise InputError(
                f"{folder / name}.txt: no such file; list the ids of the {name} images in it, one per line"
            )
    found = [name for name in (*NEEDED_SPLITS, *OPTIONAL_SPLITS) if (folder / f"{name}.txt").is_file()]
    return {name: _read_split(folder / f"{name}.txt") for name in found}


def _require(split: str, ids: list[str], found: dict[str, Path], what: str, folder: Path, why: str = "") -> None:
    if missing := [name for name in ids if name not in found]:
        message = f"{folder}: no {what} for {first_few(missing)} of split {split!r}{why}"
        raise InputError(f"{message}; add the files or drop the ids from ImageSets/Segmentation/{split}.txt")


def prepare(data: Data, roots: Sequence[Path], out: Path, threads: int) -> None:
    """Check the folder `roots[0]` and fill the empty folder `out` with links to it."""
    prepare_voc_layout(roots[0], out, data.classes, threads)


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


def prepare_voc_layout(root: Path, out: Path, classes: Sequence[str] | None = None, threads: int = 1) -> None:
    """Check a folder in VOC layout, photo by photo, and fill `out` with links to it.

    `classes` are the foreground classes in the order of their numbers in the masks, VOC's 20 by default. Raises
    `InputError` for everything that is wrong with the folder (see `read_voc_layout` and `check_pair`).
    """
    out = Path(out)
    source = read_voc_layout(root, classes)
    sizes = check_pairs(source.photos, source.masks, len(source.classes), threads)
    check_annotated_sizes(sizes, source.annotations)
    for folder in ("images", "masks"):
        (out / folder).mkdir()
    for name, path in source.photos.items():
        link_or_copy(path, out / "images" / f"{name}{path.suffix.lower()}")
        if name in source.masks:
            place_mask(source.masks[name], out / "masks" / f"{name}.png")
    write_tables(out, source.classes, source.splits, source.labels)
