"""Evaluate folders of seeds and of masks against the true masks of a split."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.evaluation.image_rows import ImageCounts, ImageRows, counts_of_mask, counts_of_seed
from wsss.evaluation.metrics import LEVELS, ConfusionMatrix, SeedCurve
from wsss.files import VOID, read_mask
from wsss.parallel import chunks, parallel
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of, seed_at_full_size

Counts = TypeVar("Counts", SeedCurve, ConfusionMatrix)
_IMAGES_PER_TASK = 64


def evaluate_seeds(dataset: PreparedDataset, split: str, seeds: Path, processes: int, rows: Path | None = None) -> dict:
    """Return the metrics of the seeds `{seeds}/{id}.npz` at the best threshold, with the whole curve.

    `tuned_on` names the images whose true masks chose that threshold. `rows` is a CSV file for what each image adds.
    """
    metrics = _evaluate(
        partial(_count_seeds, dataset, seeds), SeedCurve(dataset.classes), dataset, split, processes, rows
    )
    return metrics | {"tuned_on": f"{metrics['images']} images of {split}"}


def evaluate_masks(dataset: PreparedDataset, split: str, masks: Path, processes: int, rows: Path | None = None) -> dict:
    """Return the metrics of the masks `{masks}/{id}.png` of labelled images, and their confusion matrix."""
    return _evaluate_masks(True, dataset, split, masks, processes, rows)


def evaluate_predictions(
    dataset: PreparedDataset, split: str, masks: Path, processes: int, rows: Path | None = None
) -> dict:
    """Return the metrics of the predictions `{masks}/{id}.png`, and their confusion matrix."""
    return _evaluate_masks(False, dataset, split, masks, processes, rows)


def _evaluate_masks(
    labelled: bool, dataset: PreparedDataset, split: str, masks: Path, processes: int, rows: Path | None
) -> dict:
    counts = ConfusionMatrix(dataset.classes)
    metrics = _evaluate(partial(_count_masks, dataset, masks, labelled), counts, dataset, split, processes, rows)
    return metrics | {"confusion": counts.counts.tolist()}


def _evaluate(
    count: Callable[[list[str]], tuple[Counts, list[tuple[str, ImageCounts]]]],
    total: Counts,
    dataset: PreparedDataset,
    split: str,
    processes: int,
    rows: Path | None,
) -> dict:
    """Return the metrics of all images of a split that have a true mask; `images_without_mask` says how many have none.

    Where some are of no class, `labelled_only` are the metrics of the others: published numbers for COCO are of the one
    or the other.
    """
    ids = dataset.masked(split)
    if not ids:
        raise InputError(f"{dataset.root / 'masks'}: no image of {split!r} has a mask; there is nothing to measure on")
    unmasked = len(dataset.split(split)) - len(ids)
    with_label, without_label = dataset.by_label(ids)
    labelled = chunks(with_label, _IMAGES_PER_TASK)
    tasks = labelled + chunks(without_label, _IMAGES_PER_TASK)
    labelled_only: dict = {}
    with ImageRows() as images:
        parts = progress(parallel(count, tasks, processes), len(tasks), f"evaluating on {split}")
        for number, (part, of_images) in enumerate(parts):
            if number == len(labelled):
                labelled_only = {"labelled_only": {key: one for key, one in total.result().items() if key != "curve"}}
            total.merge(part)
            if rows is not None:
                images.extend(of_images)
        result = total.result()
        if rows is not None:
            images.write(rows, dataset.classes, round((LEVELS - 1) * result.get("threshold", 0)))
    without_mask = {"images_without_mask": unmasked} if unmasked else {}
    return {"split": split, **result, **without_mask, **labelled_only}


def _count_seeds(
    dataset: PreparedDataset, seeds: Path, ids: list[str]
) -> tuple[SeedCurve, list[tuple[str, ImageCounts]]]:
    curve, images = SeedCurve(dataset.classes), []
    for image_id, mask in _masks(dataset, ids):
        seed = read_seed_of(dataset, seeds, image_id)
        counts = curve.add(mask, seed.classes, seed_at_full_size(seed), name=str(seeds / f"{image_id}.npz"))
        images.append((image_id, counts_of_seed(*counts, int((mask == VOID).sum()))))
    return curve, images


def _count_masks(
    dataset: PreparedDataset, masks: Path, labelled: bool, ids: list[str]
) -> tuple[ConfusionMatrix, list[tuple[str, ImageCounts]]]:
    total, images = ConfusionMatrix(dataset.classes), []
    for image_id, mask in _masks(dataset, ids):
        path = masks / f"{image_id}.png"
        if not path.exists():
            raise InputError(f"{path}: no such file; run the stage that makes {masks} again")
        labels = np.flatnonzero(dataset.labels([image_id])[0]) + 1 if labelled else None
        counts = total.add(mask, read_mask(path), name=str(path), labels=labels)
        images.append((image_id, counts_of_mask(counts, int((mask == VOID).sum()))))
    return total, images


def _masks(dataset: PreparedDataset, ids: list[str]) -> list[tuple[str, np.ndarray]]:
    return [(image_id, dataset.mask(image_id)) for image_id in ids]
