"""The height of a constant background without any true mask, from the seeds alone: the higher of two thresholds.

Seeds with a dark background part by themselves into low and high values; where, Li & Lee's criterion tells. Where the
background is bright, values run on from one into the other, and what is asked is how much of an image objects cover.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.parallel import parallel
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of

LEVELS = 256
IMAGES = 2000  # more of a split say nothing new, and each job over images reads them


def auto_score(dataset: PreparedDataset, split: str, seeds: Path, foreground_share: float, threads: int) -> float:
    """Return a score in [0, 1] that divides the seeds `{seeds}/{id}.npz` of a split into background and foreground.

    What is divided is the largest seed of each position, over the classes that its image is labelled with. The score
    is the median over images of `minimum_cross_entropy`, or more, if otherwise more than `foreground_share` of all
    positions would be above it. Images whose seeds are 0 everywhere say nothing of the first, but count in the second.
    Of a split with more than `IMAGES` images that have a class, as many are read, spread evenly.

    Raises:
        InputError: no image has a seed.
    """
    labelled, _ = dataset.by_label(dataset.split(split))
    count = min(len(labelled), IMAGES)
    read = [labelled[index * len(labelled) // count] for index in range(count)]
    parts = parallel(partial(_levels, dataset, seeds), read, threads)
    total, thresholds = np.zeros(LEVELS, np.int64), []
    for counts in progress(parts, len(read), "reading seeds"):
        total += counts
        if counts[1:].any():
            thresholds.append(minimum_cross_entropy(counts))
    if not thresholds:
        raise InputError(
            f"{seeds}: all seeds of {split} are 0 everywhere, so mask.background=auto has nothing to go by "
            f"(of {len(read)} images)"
        )
    return max(float(np.median(thresholds)), threshold_of_share(total, foreground_share))


def threshold_of_share(counts: np.ndarray, share: float) -> float:
    """Return the lowest of the values k/(L-1), which occur `counts` (L,) times, above which is at most a `share`."""
    above = counts.sum() - np.cumsum(counts)
    return float(np.argmax(above <= share * counts.sum()) / (len(counts) - 1))


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


def _levels(dataset: PreparedDataset, seeds: Path, image_id: str) -> np.ndarray:
    """Count how often each level is the largest seed of a position of an image."""
    largest = read_seed_of(dataset, seeds, image_id).maps.max(0, initial=0).astype(np.float32)
    return np.bincount(np.rint(largest * (LEVELS - 1)).astype(np.intp).ravel(), minlength=LEVELS)
