"""Layout `labels`: a folder of photos, and a table, list, folder or file that names the classes of each.

True masks are not needed; where there are some, `masks` is a folder of PNG files with the photos' names. Photos
without a label are the split `unlabelled`, which can be predicted.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from wsss.config.blocks import Data
from wsss.config.paths import expand_path
from wsss.data.labelled_photos import LabelledPhotos, match_labels
from wsss.data.labels import read_labels
from wsss.data.layouts.checks import check_pairs
from wsss.data.layouts.split_list import each_once, read_split_list
from wsss.data.layouts.writing import link_or_copy, place_mask, write_tables
from wsss.data.photo_folder import PhotoFolder
from wsss.errors import InputError, first_few

UNLABELLED = "unlabelled"


def prepare(data: Data, roots: Sequence[Path], out: Path, threads: int) -> None:
    """Check the photos below `roots[0]` and fill the empty folder `out` with links to them."""
    root = roots[0]

    def place(value: str, key: str) -> Path:
        return root / expand_path(value, f"data.{key}")

    masks = place(data.masks, "masks") if data.masks is not None else None
    lists = {split: place(path, "lists") for split, path in (data.lists or {}).items()}
    folder = PhotoFolder(root, without=[masks] if masks is not None else [])
    found = match_labels(folder, read_labels(place(data.labels, "labels"), data.classes))
    splits = read_splits(folder, found, lists)
    for split, share in (data.draw or {}).items():
        if split in splits:
            raise InputError(f"data.draw: there is a list of the split {split!r}; take it out of `draw` or of `lists`")
        splits["train"], splits[split] = draw(splits["train"], share, data.random_seed)
    _check_labels(splits, found)

    used = list(dict.fromkeys(name for ids in splits.values() for name in ids))
    photos = {name: found.photos[name] for name in used}
    own_masks = {name: path for name, path in masks_of(folder, masks).items() if name in photos}
    lies = check_pairs(photos, own_masks, len(found.classes), threads)
    for name in ("images", "masks"):
        (out / name).mkdir()
    for name, path in photos.items():
        link_or_copy(path, out / "images" / f"{name}{path.suffix.lower()}")
        if name in own_masks:
            place_mask(own_masks[name], out / "masks" / f"{name}.png", lies[name])
    labels = {name: found.labels[name] for name in used if name in found.labels}
    write_tables(out, found.classes, splits, labels)


def read_splits(folder: PhotoFolder, found: LabelledPhotos, lists: Mapping[str, Path]) -> dict[str, list[str]]:
    """Return the ids of each split: those of the lists, and, unless there is one of train, all other labelled photos.

    Without any list, photos without a label are a split, too; a few labels without a photo are told, and if they are
    more than 1 in 20, names and photos hardly belong together, which is an `InputError`.
    """
    if not lists:
        _check_photos(folder, found)
    splits = {split: _ids(folder, path) for split, path in lists.items()}
    if "train" not in splits:
        listed = {name for ids in splits.values() for name in ids}
        splits = {"train": [name for name in found.labels if name not in listed], **splits}
    if not lists and found.unlabelled:
        splits[UNLABELLED] = found.unlabelled
    return splits


def draw(ids: Sequence[str], share: float, random_seed: int) -> tuple[list[str], list[str]]:
    """Return ids in two parts, each in their order: the rest, and a share of them, at least one.

    An id is drawn or not by a digest of itself and the random seed, so that a few more photos move few others.
    """

    def lot(name: str) -> bytes:
        return hashlib.sha256(f"{random_seed}/{name}".encode()).digest()

    drawn = set(sorted(ids, key=lot)[: max(1, round(share * len(ids)))])
    return [name for name in ids if name not in drawn], [name for name in ids if name in drawn]


def _check_photos(folder: PhotoFolder, found: LabelledPhotos) -> None:
    missing = found.without_photo
    if not missing:
        return
    text = f"{folder.root}: no photo for {first_few(missing)}, which have labels"
    if len(missing) > 0.05 * (len(missing) + len(found.labels)):
        raise InputError(f"{text}; name photos by their paths below that folder, add them, or drop their labels")
    print(f"warning: {text}", file=sys.stderr)


def _ids(folder: PhotoFolder, path: Path) -> list[str]:
    given = read_split_list(path)
    ids = [folder.id_of(name) for name in given]
    if missing := [name for name, found in zip(given, ids, strict=True) if found is None]:
        raise InputError(f"{path}: no photo below {folder.root} for {first_few(missing)}; add them or drop the lines")
    return each_once(path, [name for name in ids if name is not None])


def masks_of(folder: PhotoFolder, masks: Path | None) -> dict[str, Path]:
    """Return the masks of photos, by their ids; masks of no photo are told, and an `InputError` where all are."""
    if masks is None:
        return {}
    if not masks.is_dir():
        raise InputError(f"{masks}: no such folder; correct `masks` of the data set in params.yaml")
    files = sorted(masks.rglob("*.png"))
    ids = {path: folder.id_of(path.relative_to(masks).as_posix()) for path in files}
    if lonely := [path.name for path, name in ids.items() if name is None]:
        message = f"{masks}: no photo below {folder.root} for {first_few(lonely)}"
        if len(lonely) == len(files):
            raise InputError(f"{message}; a mask has the name of its photo")
        print(f"warning: {message}", file=sys.stderr)
    if not files:
        raise InputError(f"{masks}: holds no PNG file; set `masks: null` where there are no true masks")
    return {name: path for path, name in ids.items() if name is not None}


def _check_labels(splits: Mapping[str, Sequence[str]], found: LabelledPhotos) -> None:
    """Refuse training images without labels; tell of classes that no training image has."""
    if not splits["train"]:
        raise InputError("the split 'train' has no photo; draw or list fewer for the other splits")
    if missing := [name for name in splits["train"] if name not in found.labels]:
        raise InputError(
            f"no labels for {first_few(missing)} of the split 'train'; label them or drop them from its list"
        )
    present = np.any([found.labels[name] for name in splits["train"]], axis=0)
    if absent := [name for name, there in zip(found.classes, present, strict=True) if not there]:
        print(f"warning: no training image is labelled {first_few(absent)}", file=sys.stderr)
