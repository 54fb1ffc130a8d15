"""PASCAL VOC 2012 with SBD's training images, from their archives' folders to the prepared form.

    VOCdevkit/VOC2012/{JPEGImages,SegmentationClass,Annotations,ImageSets/Segmentation}   VOC, trainval and test
    benchmark_RELEASE/dataset/{cls/*.mat,train.txt,val.txt}                               SBD (Hariharan et al., 2011)

The 10,582 training images that the literature uses are (SBD train and val and VOC train) without VOC val: derived
here, not shipped. Where VOC has a mask of its own, that one counts; SBD's are coarser and have no void.

In the place of SBD, a list `train_aug.txt` beside VOC's own will do: labels are VOC's, and no mask of the additional
images is needed. Those of a folder `SegmentationClassAug` are taken where it is there.
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
from wsss.data.layouts.split_list import read_id_list
from wsss.data.layouts.voc import VOC_CLASSES
from wsss.data.layouts.voc_annotation import read_annotation
from wsss.data.layouts.voc_tree import VocTree
from wsss.data.layouts.writing import files_by_id, link_or_copy, place_mask, write_tables
from wsss.errors import InputError, first_few
from wsss.files import write_mask
from wsss.parallel import parallel
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
    """Fill `out` with the prepared form of VOC 2012 and SBD: splits train, train_aug, val, and what else has a list.

    Args:
        roots: folders that together hold VOC's trainval, SBD and VOC's test, at the depth of their archives or above.
        counts: images that each split must have, e.g. {"train_aug": 10582}; a split named here must be there.

    Raises:
        InputError: for what is missing, what does not decode, a photo of another size than its annotation or mask.
    """
    found = _find(roots)
    tree = VocTree(found.voc)
    tree.need_splits(("train", "val"))
    tree.splits["train_aug"] = _train_aug(tree, found.sbd)
    _check_leaks(tree)
    check_counts(tree.splits, counts, roots)
    sbd_masks = files_by_id(found.sbd / "cls", (".mat",)) if found.sbd else {}

    used = sorted({name for ids in tree.splits.values() for name in ids})
    labelled = sorted({*tree.splits["train_aug"], *tree.splits["val"]})
    for split in tree.splits:
        tree.need_files(split, tree.photos, "photo (JPEGImages/*.jpg)")
    for split in ("train_aug", "val"):
        tree.need_files(split, tree.annotations, "annotation (Annotations/*.xml)")
    for split in ("train", "val"):
        tree.need_files(split, tree.masks, "mask (SegmentationClass/*.png)")

    for folder in ("images", "masks"):
        (out / folder).mkdir()
    masks = {name: tree.masks[name] for name in used if name in tree.masks}
    converted = {name: sbd_masks[name] for name in used if name in sbd_masks and name not in masks}
    _convert(converted, out / "masks", threads)
    every_mask = masks | {name: out / "masks" / f"{name}.png" for name in converted}
    lies = check_pairs({name: tree.photos[name] for name in used}, every_mask, len(VOC_CLASSES), threads)
    check_annotated_sizes(lies, {name: tree.annotations[name] for name in labelled})
    for name in used:
        link_or_copy(tree.photos[name], out / "images" / f"{name}{tree.photos[name].suffix.lower()}")
    for name, path in masks.items():
        place_mask(path, out / "masks" / f"{name}.png", lies[name])
    labels = {name: read_annotation(tree.annotations[name], VOC_CLASSES) for name in labelled}
    write_tables(out, VOC_CLASSES, tree.splits, labels)


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


def _train_aug(tree: VocTree, sbd: Path | None) -> list[str]:
    """Return the training images of the literature: as listed, or VOC's and SBD's without those of VOC's val."""
    if "train_aug" in tree.splits:
        return tree.splits["train_aug"]
    ids = set(tree.splits["train"])
    if sbd is not None:
        ids.update(*(read_id_list(sbd / f"{name}.txt") for name in ("train", "val")))
    return sorted(ids - set(tree.splits["val"]))


def _check_leaks(tree: VocTree) -> None:
    for split in ("train", "train_aug"):
        if leaked := sorted(set(tree.splits["val"]) & set(tree.splits[split])):
            raise InputError(
                f"{tree.folders[0]}: in {split}.txt and in val.txt: {first_few(leaked)}; keep each in one of them"
            )


def _convert(mats: Mapping[str, Path], folder: Path, threads: int) -> None:
    write = partial(_write_sbd_mask, folder)
    for _ in progress(parallel(write, mats.items(), threads), len(mats), "converting SBD masks"):
        pass


def _write_sbd_mask(folder: Path, item: tuple[str, Path]) -> None:
    name, path = item
    write_mask(folder / f"{name}.png", read_sbd_mask(path))
