"""Image-level labels held against masks: a palette in another order, numbers from 0, masks of 0 and 255 alone."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, first_few
from wsss.parallel import chunks, parallel
from wsss.progress import progress

_MANY = 0.1  # of the images: more of them without a labelled class are worth a warning
_FITS, _DOES_NOT = 0.8, 0.5  # intersection over union of the images with a label and those with a number in their mask
_IMAGES_PER_TASK = 64


def check_labels_against_masks(dataset: PreparedDataset, split: str, threads: int) -> None:
    """Compare labels and masks of a split class by class.

    Raises `InputError` where a split that is masked whole has a labelled class in no mask, and where two classes or
    more go with each other's numbers. Warns on stderr where many masks lack a class that their image is labelled with.
    """
    ids = dataset.masked(split)
    if not ids or not dataset.has_labels(split):
        return
    count = len(dataset.classes)
    labels = dataset.labels(ids).astype(bool)
    tasks = chunks(ids, _IMAGES_PER_TASK)
    parts = parallel(partial(_numbers_in, dataset.root, count), tasks, threads)
    masks = np.concatenate(list(progress(parts, len(tasks), f"labels against masks of {split}")))
    if len(ids) == len(dataset.split(split)):
        _check_all_occur(dataset.classes, labels, masks, split)
    _check_order(dataset.classes, labels, masks, split)
    lacking = [image_id for image_id, lacks in zip(ids, (labels & ~masks).any(1), strict=True) if lacks]
    if len(lacking) > _MANY * len(ids):
        print(
            f"warning: {len(lacking)} of {len(ids)} masks of {split!r} lack a class that their image is labelled with: "
            f"{first_few(lacking)}",
            file=sys.stderr,
        )


def _numbers_in(root: Path, count: int, ids: Sequence[str]) -> np.ndarray:
    """Return which of the classes 1…C each mask holds, (N, C) bool."""
    dataset = PreparedDataset(root)
    return np.stack([np.bincount(dataset.mask(name).ravel(), minlength=256)[1 : count + 1] > 0 for name in ids])


def _check_all_occur(classes: Sequence[str], labels: np.ndarray, masks: np.ndarray, split: str) -> None:
    absent = np.flatnonzero(labels.any(0) & ~masks.any(0))
    if len(absent):
        named = ", ".join(f"{classes[c]!r} (number {c + 1}, {labels[:, c].sum()} images)" for c in absent[:5])
        raise InputError(
            f"labels of {split!r} name classes that no mask holds: {named}; correct the masks' numbers (0 is "
            "background, class c the c-th of `classes`), or the labels"
        )


def _check_order(classes: Sequence[str], labels: np.ndarray, masks: np.ndarray, split: str) -> None:
    both = labels.T.astype(np.int64) @ masks.astype(np.int64)  # (C, C): images with the label c and the number k
    either = labels.sum(0)[:, None] + masks.sum(0)[None] - both
    fit = both / np.maximum(either, 1)
    best = fit.argmax(1)
    wrong = np.flatnonzero((fit.max(1) > _FITS) & (np.diagonal(fit) < _DOES_NOT))
    if len(wrong) >= 2:
        named = "; ".join(
            f"of {labels[:, c].sum()} images labelled {classes[c]!r}, number {c + 1}, the masks of {both[c, best[c]]} "
            f"hold number {best[c] + 1}, {classes[best[c]]!r}, and of {both[c, c]} its own"
            for c in wrong[:3]
        )
        raise InputError(
            f"numbers in the masks of {split!r} go with other labels: {named}. Give `classes` in the order of the "
            "masks' numbers, or renumber the masks"
        )
