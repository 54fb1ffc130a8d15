"""What each image adds to the metrics: a row for each class that occurs in it. Their sums are the metrics, exactly.

A seed's rows are those at the best threshold, which is known after the last image only. So until then each image's
counts at all thresholds wait in a temporary file.
"""

from __future__ import annotations

import csv
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import numpy as np

from wsss.evaluation.metrics import LEVELS
from wsss.files import whole_file

COLUMNS = (
    *("image", "class", "intersection", "union", "false_positives", "false_negatives"),  # in pixels
    *("iou", "fpr", "fnr", "void_share"),  # in percent; the last of the image's pixels
)


class ImageCounts(NamedTuple):
    """Pixels of one image by class, without those that are void in its mask, for one threshold or all 256."""

    classes: np.ndarray  # (n,) of those that occur in mask or prediction, 0 for the background
    true: np.ndarray  # (n,) int64: of each class in the mask
    predicted: np.ndarray  # (n, T) int64: of each in the prediction
    hit: np.ndarray  # (n, T) int64: of each in both
    void_share: float  # of the image's pixels


def counts_of_mask(counts: np.ndarray, void: int) -> ImageCounts:
    """Return the counts of a prediction, given its confusion matrix (C+1, C+1), rows true, and the void pixels."""
    return _occurring(counts.sum(1), counts.sum(0)[:, None], np.diagonal(counts)[:, None], void)


def counts_of_seed(counts: np.ndarray, columns: np.ndarray, void: int) -> ImageCounts:
    """Return the counts of a seed at all 256 thresholds.

    Args:
        counts: (C+1, K, 257) pixels by true class, class of the largest seed, and how many thresholds lie below it.
        columns: (K,) the classes of the seeds; 0 where there is none.
        void: pixels that are void in the mask.
    """
    above = np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1][..., 1:]  # the seed wins where more than k lie below it
    below = counts.sum(-1, keepdims=True) - above
    predicted = np.zeros((len(counts), LEVELS), np.int64)
    hit = np.zeros_like(predicted)
    predicted[columns] = above.sum(0)
    hit[columns] = above[columns, np.arange(len(columns))]
    predicted[0], hit[0] = below.sum((0, 1)), below[0].sum(0)
    return _occurring(counts.sum((1, 2)), predicted, hit, void)


def _occurring(true: np.ndarray, predicted: np.ndarray, hit: np.ndarray, void: int) -> ImageCounts:
    classes = np.flatnonzero(true + predicted.sum(1))
    pixels = true.sum() + void
    return ImageCounts(classes, true[classes], predicted[classes], hit[classes], float(void / max(pixels, 1)))


class ImageRows:
    """Collects the counts of images and writes them as CSV at the end; a context, as what it keeps is on disk."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (__exit__ closes it)
        self._images = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def extend(self, images: Iterable[tuple[str, ImageCounts]]) -> None:
        """Add images by id."""
        for one in images:
            pickle.dump(one, self._file)
            self._images += 1

    def write(self, path: Path, class_names: Sequence[str], level: int = 0) -> None:
        """Write a row for each image and class that occurs, at the threshold of this number."""
        names = ["background", *class_names]
        with whole_file(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(COLUMNS)
            for image_id, counts in self._read():
                for number, true, predicted, hit in zip(
                    counts.classes.tolist(),
                    counts.true.tolist(),
                    counts.predicted[:, level].tolist(),
                    counts.hit[:, level].tolist(),
                    strict=True,
                ):
                    union = true + predicted - hit
                    if union > 0:
                        pixels = hit, union, predicted - hit, true - hit
                        rates = (100 * one / union for one in (hit, predicted - hit, true - hit))
                        percent = [f"{rate:.2f}" for rate in (*rates, 100 * counts.void_share)]
                        rows.writerow((image_id, names[number], *pixels, *percent))

    def _read(self) -> Iterator[tuple[str, ImageCounts]]:
        self._file.seek(0)
        for _ in range(self._images):
            yield pickle.load(self._file)
