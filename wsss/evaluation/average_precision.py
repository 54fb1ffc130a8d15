"""How well scores rank images by their labels: average precision, the area under precision over recall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def average_precision(scores: np.ndarray, labels: np.ndarray) -> float | None:
    """Return the average precision in [0, 1] of the scores (N,) of one class; None where no label (N,) is 1.

    The sum over thresholds of precision times the recall gained; images of equal scores fall below one together.
    """
    if not labels.any():
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order], dtype=np.int64)
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # of each run of equal scores
    gained = np.diff(hits[last], prepend=0) / hits[-1]
    return float((gained * hits[last] / (last + 1)).sum())


def ranking_metrics(scores: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> dict:
    """Return `map`, the mean over the classes that occur, and `per_class` of scores and labels (N, C), in percent."""
    values = [average_precision(of_class, truth) for of_class, truth in zip(scores.T, labels.T, strict=True)]
    percent = [None if value is None else 100 * value for value in values]
    present = [value for value in percent if value is not None]
    counts = labels.sum(0, dtype=int).tolist()
    return {
        "map": float(np.mean(present)) if present else None,
        "images": len(labels),
        "per_class": {
            name: {"average_precision": value, "images": count}
            for name, value, count in zip(classes, percent, counts, strict=True)
        },
    }
