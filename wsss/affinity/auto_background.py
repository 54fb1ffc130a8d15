"""The height of a constant background without any true mask: the threshold that parts all seeds into two best.

It lies at (f - b) / (ln f - ln b) of the means b and f of both sides: close to the background where that is dark, and
towards the middle between both where it is bright.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.parallel import chunks, parallel, processes_for
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of

LEVELS = 256
_IMAGES_PER_TASK = 64


def auto_score(dataset: PreparedDataset, split: str, seeds: Path, threads: int) -> float:
    """Return the score in [0, 1] that divides the seeds `{seeds}/{id}.npz` of a split into background and foreground.

    What is divided is the largest seed of each position, over the classes that its image is labelled with, of all
    images that have any, by `minimum_cross_entropy`.
    """
    labelled, _ = dataset.by_label(dataset.split(split))
    tasks = chunks(labelled, _IMAGES_PER_TASK)
    counts = np.zeros(LEVELS, np.int64)
    parts = parallel(partial(_count, dataset, seeds), tasks, processes_for(len(labelled), threads))
    for part in progress(parts, len(tasks), "reading seeds"):
        counts += part
    return minimum_cross_entropy(counts)


def minimum_cross_entropy(counts: np.ndarray) -> float:
    """Return the threshold in [0, 1] of values k/(L-1), which occur `counts` (L,) times, that parts them best.

    That which loses least, in cross entropy, when each value is replaced by the mean of its side: the largest
    sum over both sides of (sum of values) · ln(mean of values). Li & Lee, Minimum Cross Entropy Thresholding, 1993.
    The middle between two levels, or, where several are equal, of them all; 0.5 where there is nothing to part.
    """
    levels = np.arange(len(counts)) / (len(counts) - 1)
    numbers, sums = np.cumsum(counts), np.cumsum(counts * levels)
    below, above = (numbers[:-1], sums[:-1]), (numbers[-1] - numbers[:-1], sums[-1] - sums[:-1])
    parted = (below[0] > 0) & (above[0] > 0)
    if not parted.any():
        return 0.5
    kept = np.where(parted, _sum_times_log_of_mean(*below) + _sum_times_log_of_mean(*above), -np.inf)
    best = np.flatnonzero(kept >= kept.max() - 1e-12 * sums[-1])
    return float((best[0] + best[-1] + 1) / 2 / (len(counts) - 1))


def _sum_times_log_of_mean(numbers: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Return sum · ln(sum/number), which is 0 where the sum is."""
    positive = sums > 0
    return sums * np.log(np.divide(sums, numbers, out=np.ones_like(sums), where=positive))


def _count(dataset: PreparedDataset, seeds: Path, ids: list[str]) -> np.ndarray:
    """Count how often each level is the largest of a position."""
    counts = np.zeros(LEVELS, np.int64)
    for image_id in ids:
        largest = read_seed_of(dataset, seeds, image_id).maps.max(0, initial=0).astype(np.float32)
        counts += np.bincount(np.rint(largest * (LEVELS - 1)).astype(np.intp).ravel(), minlength=LEVELS)
    return counts
