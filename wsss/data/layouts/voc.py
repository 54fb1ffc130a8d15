"""PASCAL VOC folder layout, as published or filled with one's own data, brought into the prepared form.

    JPEGImages/ID.jpg   SegmentationClass/ID.png   Annotations/ID.xml   ImageSets/Segmentation/NAME.txt

`read_voc_layout` finds which ids are where, with which image-level labels, and decodes nothing but the XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wsss.config.blocks import Data
from wsss.config.class_names import check_classes
from wsss.data.layouts.checks import check_annotated_sizes, check_pairs
from wsss.data.layouts.voc_annotation import read_annotation
from wsss.data.layouts.voc_tree import VocTree
from wsss.data.layouts.writing import link_or_copy, place_mask, write_tables
from wsss.errors import InputError, first_few

VOC_CLASSES: tuple[str, ...] = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"),
)


@dataclass(frozen=True)
class VocLayout:
    """A data set as found: class number c is `classes[c - 1]`."""

    classes: tuple[str, ...]
    splits: dict[str, list[str]]
    photos: dict[str, Path]  # every id of every split
    masks: dict[str, Path]  # the ids that have one
    labels: dict[str, np.ndarray]  # (C,) uint8 of 0 and 1: all of train and evaluate, any of the others but test
    annotations: dict[str, Path]  # those that the labels are from


def prepare(data: Data, roots: Sequence[Path], out: Path, threads: int) -> None:
    """Check the folder `roots[0]` and fill the empty folder `out` with links to it."""
    splits = data.splits
    measured = [name for name in (splits.evaluate, splits.val) if name is not None]
    prepare_voc_layout(roots[0], out, data.classes, threads, splits.with_masks_made, measured)


def read_voc_layout(
    root: Path,
    classes: Sequence[str] | None = None,
    labelled: Sequence[str] = ("train",),
    measured: Sequence[str] = ("val",),
) -> VocLayout:
    """Read the lists and annotations of a folder in VOC layout; `classes` are VOC's 20 unless given.

    Every list needs a photo for each id, those of the splits `labelled` an annotation for each, those of the splits
    `measured` some masks. Annotations of test are not read: those that VOC publishes name only some of the objects.
    """
    root = Path(root)
    if not (root / "JPEGImages").is_dir():
        nearer = next((path.parent for path in (*root.glob("*/JPEGImages"), *root.glob("*/*/JPEGImages"))), None)
        advice = f"did you mean {nearer}?" if nearer else "give the folder that holds JPEGImages and ImageSets"
        raise InputError(f"{root / 'JPEGImages'}: no such folder; {advice}")
    classes = check_classes(VOC_CLASSES if classes is None else classes)
    tree = VocTree([root])
    tree.need_splits([*labelled, *measured])
    for split in tree.splits:
        tree.need_files(split, tree.photos, "photo (JPEGImages/*.jpg)")
    for split in labelled:
        tree.need_files(split, tree.annotations, "annotation (Annotations/*.xml)")
    for split in measured:
        _need_some_masks(root, split, tree)

    used = dict.fromkeys(name for ids in tree.splits.values() for name in ids)
    annotated = dict.fromkeys(
        name
        for split, ids in tree.splits.items()
        for name in (ids if split != "test" or split in labelled else ())
        if name in tree.annotations
    )
    return VocLayout(
        classes=classes,
        splits=tree.splits,
        photos={name: tree.photos[name] for name in used},
        masks={name: tree.masks[name] for name in used if name in tree.masks},
        labels={name: read_annotation(tree.annotations[name], classes) for name in annotated},
        annotations={name: tree.annotations[name] for name in annotated},
    )


def _need_some_masks(root: Path, split: str, tree: VocTree) -> None:
    missing = [name for name in tree.splits[split] if name not in tree.masks]
    if len(missing) == len(tree.splits[split]):
        raise InputError(
            f"{root / 'SegmentationClass'}: no mask (.png) for {first_few(missing)} of split {split!r}, which is what "
            f"results are measured on; add masks, or set what names {split!r} in data.splits, evaluate or val, to null"
        )


def prepare_voc_layout(
    root: Path,
    out: Path,
    classes: Sequence[str] | None = None,
    threads: int = 1,
    labelled: Sequence[str] = ("train",),
    measured: Sequence[str] = ("val",),
) -> None:
    """Check a folder in VOC layout, photo by photo, and fill `out` with links to it.

    `classes` are the foreground classes in the order of their numbers in the masks, VOC's 20 by default. Raises
    `InputError` for everything that is wrong with the folder (see `read_voc_layout` and `check_pair`).
    """
    out = Path(out)
    source = read_voc_layout(root, classes, labelled, measured)
    lies = check_pairs(source.photos, source.masks, len(source.classes), threads)
    check_annotated_sizes(lies, source.annotations)
    for folder in ("images", "masks"):
        (out / folder).mkdir()
    for name, path in source.photos.items():
        link_or_copy(path, out / "images" / f"{name}{path.suffix.lower()}")
        if name in source.masks:
            place_mask(source.masks[name], out / "masks" / f"{name}.png", lies[name])
    write_tables(out, source.classes, source.splits, source.labels)
