"""What the page shows of classes: rates of each per experiment and step, and which of them are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wsss.page.experiment import STEPS, Experiment

_MOST = 10  # confusions that are named


def class_rates(experiments: Sequence[Experiment]) -> dict[str, dict[str, list[list[float | None]]]]:
    """Return {step: {number of the experiment: [[IoU, FPR, FNR] of each class, background first]}}, in percent."""
    return {
        step: {
            str(number): [
                [rates[key] for key in ("iou", "fpr", "fnr")] for rates in one.metrics[step]["per_class"].values()
            ]
            for number, one in enumerate(experiments)
            if step in one.metrics
        }
        for step in STEPS
        if any(step in one.metrics for one in experiments)
    }


def confusions(experiments: Sequence[Experiment]) -> dict[str, dict[str, dict[str, Any]]]:
    """Return {step: {number of the experiment: confusions}} of steps that have a confusion matrix."""
    return {
        step: {
            str(number): confusion_shares(one.metrics[step]["confusion"])
            for number, one in enumerate(experiments)
            if "confusion" in one.metrics.get(step, {})
        }
        for step in STEPS
        if any("confusion" in one.metrics.get(step, {}) for one in experiments)
    }


def confusion_shares(counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Return `shares`, the percentage of each true class (rows) predicted as each class, and the `largest` mistakes.

    Args:
        counts: (C+1, C+1) pixels, true by predicted. A class that does not occur has a row of None.

    Each of `largest` is [true, predicted, percentage of the true class's pixels], the largest first.
    """
    pixels = np.asarray(counts, float)
    totals = pixels.sum(1)
    shares = [
        [round(100 * value / total, 2) for value in row] if total else [None] * len(row)
        for row, total in zip(pixels.tolist(), totals.tolist(), strict=True)
    ]
    wrong = [
        [true, predicted, share]
        for true, row in enumerate(shares)
        for predicted, share in enumerate(row)
        if predicted != true and share
    ]
    return {"shares": shares, "largest": sorted(wrong, key=lambda one: -one[2])[:_MOST]}
