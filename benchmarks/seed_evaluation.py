"""Seeds on disk and their evaluation, against full-size float32 maps read once per threshold (as published)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.comparison import Comparison, seconds
from benchmarks.photos import TRAIN, full_size_maps, photos, write_seeds
from wsss.data.prepared import PreparedDataset
from wsss.evaluation.evaluate import evaluate_seeds

THRESHOLDS = 60
CLASSES = 21  # VOC's: the published evaluator fills as many channels


def run(folder: Path) -> list[Comparison]:
    """Evaluate the seeds of 47 photos; one process on either side."""
    dataset = photos(folder)
    ours, published = write_seeds(dataset, folder / "seeds"), folder / "full_size"
    published.mkdir()
    for image_id in dataset.split("train"):
        classes, maps = full_size_maps(dataset, image_id)
        np.save(published / f"{image_id}.npy", dict(zip((classes - 1).tolist(), maps, strict=True)))
    size = f"{TRAIN} photos"
    bytes_ = [sum(path.stat().st_size for path in place.iterdir()) / 1e6 for place in (ours, published)]
    times = seconds(lambda: evaluate_seeds(dataset, "train", ours, 1), lambda: _curve(dataset, published), repeat=1)
    work = f"{size}, {THRESHOLDS} thresholds (ours: 256)"
    return [
        Comparison("threshold curve", work, "a pass over the files per threshold", *times, "s", 100),
        Comparison("seeds on disk", size, "full-size float32 maps", *bytes_, "MB", 30),
    ]


def _curve(dataset: PreparedDataset, folder: Path) -> list[float]:
    return [_miou(dataset, folder, step / THRESHOLDS) for step in range(THRESHOLDS)]


def _miou(dataset: PreparedDataset, folder: Path, threshold: float) -> float:
    hits, predicted, true = np.zeros(CLASSES), np.zeros(CLASSES), np.zeros(CLASSES)
    for image_id in dataset.split("train"):
        maps = np.load(folder / f"{image_id}.npy", allow_pickle=True).item()
        mask = dataset.mask(image_id)
        scores = np.zeros((CLASSES, *mask.shape), np.float32)
        scores[0] = threshold
        for number, one in maps.items():
            scores[number + 1] = one
        winner = scores.argmax(0)
        known = mask < 255
        for number in range(CLASSES):
            is_winner, is_true = (winner == number) & known, (mask == number) & known
            hits[number] += (is_winner & is_true).sum()
            predicted[number] += is_winner.sum()
            true[number] += is_true.sum()
    union = predicted + true - hits
    return float((hits[union > 0] / union[union > 0]).mean())
