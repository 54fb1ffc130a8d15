"""The height of a constant background without any true mask: the threshold that parts an image's seeds in two best.

It lies at (f - b) / (ln f - ln b) of the means b and f of both sides: close to the background where that is dark, and
towards the middle between both where it is bright.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.parallel import parallel, processes_for
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of

LEVELS = 256


def auto_score(dataset: PreparedDataset, split: str, seeds: Path, threads: int) -> float:
    """Return a score in [0, 1] that divides the seeds `{seeds}/{id}.npz` of a split into background and foreground.

    In each image the largest seed of each position, over the classes that the image is labelled with, is divided by
    `minimum_cross_entropy`; the score is the median of all images. An image without a seed counts for nothing.

    Raises:
        InputError: no image has a seed.
    """
    labelled, _ = dataset.by_label(dataset.split(split))
    parts = parallel(partial(_threshold, dataset, seeds), labelled, processes_for(len(labelled), threads))
    thresholds = [one for one in progress(parts, len(labelled), "reading seeds") if one is not None]
    if not thresholds:
        raise InputError(
            f"{seeds}: all seeds of {split} are 0 everywhere, so mask.background=auto has nothing to go by"
        )
    return float(np.median(thresholds))


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


def _threshold(dataset: PreparedDataset, seeds: Path, image_id: str) -> float | None:
    """Return the threshold of one image, None where its seeds are 0 everywhere."""
    largest = read_seed_of(dataset, seeds, image_id).maps.max(0, initial=0).astype(np.float32)
    if not largest.any():
        return None
    levels = np.rint(largest * (LEVELS - 1)).astype(np.intp)
    return minimum_cross_entropy(np.bincount(levels.ravel(), minlength=LEVELS))
