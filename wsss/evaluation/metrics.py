"""How well masks and seeds agree with the ground truth: IoU, FPR and FNR, for all thresholds in one pass.

    curve = SeedCurve(class_names)
    for ...:
        curve.add(mask, seed.classes, seed_at_full_size(seed))
    write_json(path, curve.result())

Accumulators keep counts only, so their size does not depend on the number of images, and `a.merge(b)` makes of `a` what
one accumulator would have counted over the images of both.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import numpy as np

from wsss.errors import InputError
from wsss.files import VOID

LEVELS = 256  # thresholds t = k/255, k = 0...255


def class_rates(confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return IoU, FPR and FNR of each class in percent, each (..., C+1), from pixel counts (..., true, predicted).

    IoU = TP/(TP+FP+FN), FPR = FP/(TP+FP+FN), FNR = FN/(TP+FP+FN) (what eq. 4 of the paper means): they add up to 100.
    A class that is neither in the masks nor in the prediction is NaN.
    """
    hit = np.diagonal(confusion, axis1=-2, axis2=-1)
    false_positive = confusion.sum(-2) - hit
    false_negative = confusion.sum(-1) - hit
    union = (hit + false_positive + false_negative).astype(np.float64)
    union[union == 0] = np.nan
    return 100 * hit / union, 100 * false_positive / union, 100 * false_negative / union


def mean_rates(confusion: np.ndarray) -> dict[str, float | None]:
    """Return {miou, fpr, fnr} in percent: means over the classes that occur; None where no pixel was counted."""
    rates = class_rates(confusion)
    occurs = ~np.isnan(rates[0])
    values = (float(rate[occurs].mean()) if occurs.any() else None for rate in rates)
    return dict(zip(("miou", "fpr", "fnr"), values, strict=True))


def measure(confusion: np.ndarray, class_names: Sequence[str]) -> dict:
    """Return the metrics of pixel counts (C+1, C+1), rows true and columns predicted, background first.

    `class_names` are the C foreground classes. The result is what `metrics.json` holds: `miou`, `fpr`, `fnr` and
    `per_class` {name: {iou, fpr, fnr}}, in percent, None for a class that does not occur.
    """
    columns = ([None if math.isnan(value) else value for value in rate.tolist()] for rate in class_rates(confusion))
    rows = zip(("background", *class_names), *columns, strict=True)
    per_class = {name: {"iou": iou, "fpr": fpr, "fnr": fnr} for name, iou, fpr, fnr in rows}
    return {**mean_rates(confusion), "per_class": per_class}


class _Accumulator:
    """Pixel counts of one evaluation, and how many images they come from."""

    def __init__(self, class_names: Sequence[str], shape: tuple[int, ...]) -> None:
        self.class_names = list(class_names)
        self.counts = np.zeros(shape, np.int64)
        self.images = 0

    def merge(self, other: Self) -> Self:
        """Add the counts of `other`, made of other images with the same classes; return self."""
        if type(other) is not type(self) or other.class_names != self.class_names:
            raise ValueError("only accumulators of the same kind and classes can be merged")
        self.counts += other.counts
        self.images += other.images
        return self

    def _rows(self, mask: np.ndarray, size: tuple[int, ...], name: str) -> np.ndarray:
        """Return the row of each pixel in a table of counts whose first row is void: mask + 1, where 255 wraps to 0."""
        if mask.shape != size:
            raise InputError(
                f"{name}: the mask is {mask.shape}, the prediction {size} (height, width); make them again"
            )
        if mask.dtype != np.uint8:
            raise ValueError(f"masks are uint8 arrays, this one is {mask.dtype}")
        rows = mask + np.uint8(1)
        if rows.size and rows.max() > len(self.class_names) + 1:
            raise InputError(
                f"{name}: class {rows.max() - 1} in the mask, but classes go from 0 to {len(self.class_names)}"
                f" (and {VOID} for void); check classes.txt or the mask"
            )
        return rows


class ConfusionMatrix(_Accumulator):
    """Counts pixels per (true class, predicted class), for masks of any origin."""

    def __init__(self, class_names: Sequence[str]) -> None:
        """`class_names`: the C foreground classes; class c of masks and predictions is `class_names[c - 1]`."""
        super().__init__(class_names, (len(class_names) + 1, len(class_names) + 1))
        self.labelled = self.lacking = 0  # images whose labels were given, and those that lack a class of them

    def merge(self, other: Self) -> Self:
        """Add the counts of `other`, made of other images with the same classes; return self."""
        super().merge(other)
        self.labelled += other.labelled
        self.lacking += other.lacking
        return self

    def add(
        self, mask: np.ndarray, prediction: np.ndarray, name: str = "image", labels: np.ndarray | None = None
    ) -> np.ndarray:
        """Count one image: `mask` and `prediction` (H, W) uint8; pixels where the mask is 255 are not looked at.

        Returns the image's own counts (C+1, C+1).

        `name` is for the `InputError` about sizes that differ or classes that do not exist. `labels` are the classes
        (K,) that the image is labelled with: a prediction without a single pixel of one of them is counted.
        """
        if prediction.dtype != np.uint8:
            raise ValueError(f"predictions are uint8 arrays, this one is {prediction.dtype}")
        width = len(self.class_names) + 1
        rows = self._rows(mask, prediction.shape, name)
        counts = np.bincount((rows.astype(np.intp) * 256 + prediction).ravel(), minlength=(width + 1) * 256)
        counts = counts.reshape(width + 1, 256)
        predicted, counts = counts.sum(0), counts[1:]
        if counts[:, width:].any():
            wrong = np.flatnonzero(counts.sum(0))[-1]
            raise InputError(f"{name}: class {wrong} in the prediction, but classes go from 0 to {width - 1}")
        self.counts += counts[:, :width]
        self.images += 1
        if labels is not None:
            self.labelled += 1
            self.lacking += not predicted[labels].all()
        return counts[:, :width]

    def result(self) -> dict:
        """Return the metrics of all images added, see `measure`, and their number as `images`.

        With labels, also how many images lack a class that they are labelled with: `images_lacking_a_class`.
        """
        lacking = {"images_lacking_a_class": self.lacking} if self.labelled else {}
        return {**measure(self.counts, self.class_names), "images": self.images, **lacking}


class SeedCurve(_Accumulator):
    """Evaluates seeds at every background score t in {0/255 … 255/255} in one pass over the images.

    The prediction at t is `np.argmax([t, *maps], axis=0)` in float32: the background wins a tie with a seed, and the
    class listed first wins a tie between seeds. So all that a pixel contributes, at every t, is in three numbers: its
    true class, the class of its largest seed value, and how many of the thresholds lie below that value. They are
    counted, and a cumulative sum over the last one gives the confusion matrix of each threshold.

    Seeds that are multiples of 1/255 tie with the thresholds; `offset` (in steps of 1/255) moves all thresholds by
    `offset/255`: with -0.5, that of the published evaluator, a seed level k wins from the background at t = k/255.
    """

    def __init__(self, class_names: Sequence[str], offset: float = 0.0) -> None:
        """`class_names`: the C foreground classes; class c of masks and seeds is `class_names[c - 1]`."""
        super().__init__(class_names, (len(class_names) + 1, len(class_names) + 1, LEVELS + 1))
        self.seeds = self.empty = 0  # of all images and their classes, and those that are 0 everywhere
        self.offset = offset
        self.scores = ((np.arange(LEVELS) + offset) / 255).astype(np.float32)

    def merge(self, other: Self) -> Self:
        """Add the counts of `other`, made of other images with the same classes and offset; return self."""
        if getattr(other, "offset", None) != self.offset:
            raise ValueError("only seed curves with the same offset can be merged")
        super().merge(other)
        self.seeds += other.seeds
        self.empty += other.empty
        return self

    def add(
        self, mask: np.ndarray, classes: np.ndarray, maps: np.ndarray, name: str = "image"
    ) -> tuple[np.ndarray, np.ndarray]:
        """Count one image: `mask` (H, W) uint8, present `classes` (K,) in 1…C, their seeds `maps` (K, H, W) float32.

        Returns the image's own counts (C+1, K, 257), by the number of thresholds below the largest seed, and the K
        classes; one class 0 where there is no seed.

        `name` is for the `InputError` about sizes that differ or classes that do not exist. K may be 0.
        """
        classes = np.asarray(classes, dtype=np.intp)
        if len(classes) != len(maps) or len(np.unique(classes)) != len(classes):
            raise ValueError(f"{len(maps)} maps need as many different classes, not {classes.tolist()}")
        if len(classes) and not 1 <= classes.min() <= classes.max() <= len(self.class_names):
            raise InputError(f"{name}: seeds of the classes {classes.tolist()}, but there are {len(self.class_names)}")
        rows = self._rows(mask, maps.shape[1:], name).astype(np.intp)
        columns = classes if len(classes) else np.zeros(1, np.intp)  # without seeds, all is background at any t
        if len(classes):
            best, winner = _largest(np.asarray(maps, np.float32))
            if np.isnan(best.max(initial=0)):
                raise InputError(f"{name}: the seeds hold NaN; make them again")
            rows *= len(classes)
            rows += winner
            rows *= LEVELS + 1
            rows += self._thresholds_below(best)
        else:
            rows *= LEVELS + 1
        shape = (len(self.class_names) + 2, len(columns), LEVELS + 1)
        counts = np.bincount(rows.ravel(), minlength=np.prod(shape)).reshape(shape)
        self.counts[:, columns] += counts[1:]
        self.images += 1
        self.seeds += len(maps)
        self.empty += int((~maps.any((1, 2))).sum())
        return counts[1:], columns

    def _thresholds_below(self, values: np.ndarray) -> np.ndarray:
        """Return how many thresholds are smaller than each float32 value: `np.searchsorted(scores, values)`, faster.

        Only a threshold next to the value can be misjudged by float arithmetic, so that one is compared exactly.
        """
        nearest = values * np.float32(255)
        nearest -= np.float32(self.offset)
        np.rint(nearest, out=nearest)
        np.clip(nearest, 0, LEVELS - 1, out=nearest)
        nearest = nearest.astype(np.intp)
        nearest += values > self.scores[nearest]
        return nearest

    def confusions(self) -> np.ndarray:
        """Return the confusion matrices (256, C+1, C+1) of all thresholds."""
        # A seed wins at threshold k where more than k thresholds lie below it.
        above = np.cumsum(self.counts[..., ::-1], axis=-1)[..., ::-1][..., 1:]
        above[:, 0] = self.counts.sum((1, 2))[:, None] - above[:, 1:].sum(1)
        return np.moveaxis(above, -1, 0)

    def result(self) -> dict:
        """Return the metrics at the best threshold, see `measure`, with `threshold`, `curve` and `images`.

        `curve` lists {threshold, miou, fpr, fnr} for all 256 t = k/255; of equal ones the lowest threshold is best.
        `seeds` are the classes of all images, `empty_seeds` those of them whose seed is 0 everywhere.
        """
        confusions = self.confusions()
        curve = [{"threshold": k / 255, **mean_rates(confusion)} for k, confusion in enumerate(confusions)]
        best = max(range(LEVELS), key=lambda k: curve[k]["miou"] or 0.0)
        metrics = measure(confusions[best], self.class_names)
        counted = {"images": self.images, "seeds": self.seeds, "empty_seeds": self.empty}
        return {**metrics, "threshold": curve[best]["threshold"], **counted, "curve": curve}


def _largest(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray | int]:
    """Return the maximum over (K, H, W) and the first index that has it; twice as fast as max and argmax."""
    if len(maps) == 1:
        return maps[0], 0
    best = maps[0].copy()
    winner = np.zeros(best.shape, np.uint8)
    for k in range(1, len(maps)):
        winner[maps[k] > best] = k
        np.maximum(best, maps[k], out=best)
    return best, winner
