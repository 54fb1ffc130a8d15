"""PASCAL VOC 2012 with SBD's training images, from their archives' folders to the prepared form.

    VOCdevkit/VOC2012/{JPEGImages,SegmentationClass,Annotations,ImageSets/Segmentation}   VOC, trainval and test
    benchmark_RELEASE/dataset/{cls/*.mat,train.txt,val.txt}                               SBD (Hariharan et al., 2011)

The 10,582 training images that the literature uses are (SBD train and val and VOC train) without VOC val: derived
here, not shipped. Where VOC has a mask of its own, that one counts; SBD's are coarser and have no void.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import scipy.io

from wsss.config.blocks import Data
from wsss.data.layouts.checks import check_annotated_sizes, check_counts, check_pairs
from wsss.data.layouts.voc import VOC_CLASSES
from wsss.data.layouts.voc_annotation import read_annotation
from wsss.data.layouts.writing import files_by_id, link_or_copy, place_mask, write_tables
from wsss.errors import InputError, first_few
from wsss.files import read_lines, write_mask
from wsss.parallel import parallel, processes_for
from wsss.progress import progress


@dataclass(frozen=True)
class _Found:
    """The folders of VOC and SBD below what was unpacked."""

    voc: list[Path]  # each with JPEGImages; trainval and test are separate archives
    sbd: Path | None  # with cls


def prepare(data: Data, roots: Sequence[Path], out: Path, threads: int) -> None:
    """Fill the empty folder `out` from VOC's and SBD's folders at or below `roots`."""
    prepare_voc2012(roots, out, data.counts, threads)


def prepare_voc2012(
    roots: Sequence[Path], out: Path, counts: Mapping[str, int] | None = None, threads: int = 1
) -> None:
    """Fill `out` with the prepared form of VOC 2012 and SBD: splits train, train_aug, val, and test if it is there.

    Args:
        roots: folders that together hold VOC's trainval, SBD and VOC's test, at the depth of their archives or above.
        counts: images that each split must have, e.g. {"train_aug": 10582}; a split named here must be there.

    Raises:
        InputError: for what is missing, what does not decode, a photo of another size than its annotation or mask.
    """
    found = _find(roots)
    splits = _splits(found)
    check_counts(splits, counts, roots)
    photos = _gather(found.voc, "JPEGImages", (".jpg",))
    annotations = _gather(found.voc, "Annotations", (".xml",))
    own_masks = _gather(found.voc, "SegmentationClass", (".png",))
    sbd_masks = files_by_id(found.sbd / "cls", (".mat",)) if found.sbd else {}

    used = sorted({name for ids in splits.values() for name in ids})
    labelled = sorted({*splits["train_aug"], *splits["val"]})
    _require(used, photos, "photo (JPEGImages/*.jpg)", roots)
    _require(labelled, annotations, "annotation (Annotations/*.xml)", roots)
    _require(splits["train"] + splits["val"], own_masks, "mask (SegmentationClass/*.png)", roots)

    for folder in ("images", "masks"):
        (out / folder).mkdir()
    masks = {name: own_masks[name] for name in used if name in own_masks}
    converted = {name: sbd_masks[name] for name in used if name in sbd_masks and name not in masks}
    _convert(converted, out / "masks", threads)
    every_mask = masks | {name: out / "masks" / f"{name}.png" for name in converted}
    sizes = check_pairs({name: photos[name] for name in used}, every_mask, len(VOC_CLASSES), threads)
    check_annotated_sizes(sizes, {name: annotations[name] for name in labelled})
    for name in used:
        link_or_copy(photos[name], out / "images" / f"{name}.jpg")
    for name, path in masks.items():
        place_mask(path, out / "masks" / f"{name}.png")
    labels = {name: read_annotation(annotations[name], VOC_CLASSES) for name in labelled}
    write_tables(out, VOC_CLASSES, splits, labels)


def read_sbd_mask(path: Path) -> np.ndarray:
    """Read the class mask of an SBD file (`GTcls.Segmentation`), (H, W) uint8: 0 background, 1 to 20 VOC's classes."""
    try:
        mask = scipy.io.loadmat(path)["GTcls"]["Segmentation"][0, 0]
    except Exception as error:  # scipy raises whatever a broken file leads it to
        text = " ".join(f"{type(error).__name__}: {error}".split())
        raise InputError(f"{path}: not a class mask of SBD ({text}); unpack SBD again") from None
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise InputError(f"{path}: GTcls.Segmentation is {mask.dtype} of shape {mask.shape}; unpack SBD again")
    return mask


def _find(roots: Sequence[Path]) -> _Found:
    """Look for VOC's and SBD's folders at and up to three levels below each root."""
    voc, sbd = [], None
    for root in map(Path, roots):
        if not root.is_dir():
            raise InputError(f"{root}: no such folder; correct `root` of the data set in params.yaml")
        for depth in range(4):
            below = sorted(root.glob("/".join(["*"] * depth))) if depth else [root]
            voc += [path for path in below if (path / "JPEGImages").is_dir()]
            sbd = sbd or next((path for path in below if (path / "cls").is_dir()), None)
    if not voc:
        raise InputError(
            f"{', '.join(map(str, roots))}: no folder JPEGImages in it; give the folder that holds VOCdevkit/VOC2012"
        )
    return _Found(voc, sbd)


def _splits(found: _Found) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for folder in found.voc:
        for name in ("train", "val", "test"):
            path = folder / "ImageSets/Segmentation" / f"{name}.txt"
            if path.is_file() and name not in lists:
                lists[name] = read_lines(path)
    for name in ("train", "val"):
        if not lists.get(name):
            raise InputError(f"{found.voc[0]}: ImageSets/Segmentation/{name}.txt is missing or empty; unpack it again")
    sbd = [read_lines(found.sbd / f"{name}.txt") for name in ("train", "val")] if found.sbd else []
    val = set(lists["val"])
    lists["train_aug"] = sorted(set(lists["train"]).union(*sbd) - val)
    if leaked := sorted(val & set(lists["train"])):
        raise InputError(f"{found.voc[0]}: in train.txt and in val.txt: {first_few(leaked)}; keep each in one of them")
    return lists


def _gather(folders: Sequence[Path], kind: str, suffixes: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        found = files_by_id(folder / kind, suffixes) | found
    return found


def _require(ids: Sequence[str], found: Mapping[str, Path], what: str, roots: Sequence[Path]) -> None:
    if missing := [name for name in ids if name not in found]:
        raise InputError(f"{', '.join(map(str, roots))}: no {what} for {first_few(missing)}; unpack the archives again")


def _convert(mats: Mapping[str, Path], folder: Path, threads: int) -> None:
    write = partial(_write_sbd_mask, folder)
    processes = processes_for(len(mats), threads)
    for _ in progress(parallel(write, mats.items(), processes), len(mats), "converting SBD masks"):
        pass


def _write_sbd_mask(folder: Path, item: tuple[str, Path]) -> None:
    name, path = item
    write_mask(folder / f"{name}.png", read_sbd_mask(path))
