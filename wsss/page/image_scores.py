"""What each image's rows in a CSV file of metrics say of it: its IoU, and what went wrong in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from wsss.errors import InputError

KINDS = ("missed", "too much", "wrong class")  # of pixels that went wrong


class ImageScores(NamedTuple):
    """One image as an evaluation has seen it, in percent.

    iou: mean over the classes that occur in its mask or its prediction, background included.
    wrong: shares of the image's pixels, void left out, by `KINDS`: an object called background, background called an
        object, and one object called another.
    classes: {name: IoU} of the classes that occur.
    """

    iou: float
    wrong: tuple[float, float, float]
    classes: dict[str, float]

    @property
    def kind(self) -> int | None:
        """Which of `KINDS` most of the wrong pixels are, the first of equal ones; None where no pixel is wrong."""
        return self.wrong.index(max(self.wrong)) if any(self.wrong) else None


def scores_of_image(rows: Iterable[Mapping[str, str]]) -> ImageScores:
    """Return the scores of an image, of its rows as `wsss.evaluation.image_rows` writes them.

    A wrong pixel is a false negative of its true class and a false positive of another. So the background's false
    positives are all that was missed, its false negatives all that is too much, and the rest was given a wrong class.
    """
    ious, pixels, wrong, missed, much = {}, 0, 0, 0, 0
    for row in rows:
        hit, negative = int(row["intersection"]), int(row["false_negatives"])
        ious[row["class"]] = 100 * hit / int(row["union"])
        pixels += hit + negative
        wrong += negative
        if row["class"] == "background":
            missed, much = int(row["false_positives"]), negative
    shares = (100 * one / max(pixels, 1) for one in (missed, much, wrong - missed - much))
    first, second, third = shares
    return ImageScores(sum(ious.values()) / len(ious), (first, second, third), ious)


def read_scores(path: Path) -> dict[str, ImageScores]:
    """Return {id: scores} of a CSV file that an evaluation has written beside its metrics."""
    return dict(_read(path))


def _read(path: Path) -> Iterator[tuple[str, ImageScores]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for image, rows in groupby(csv.DictReader(file), lambda row: row["image"]):
                yield image, scores_of_image(rows)
    except (FileNotFoundError, KeyError, ValueError, ZeroDivisionError, csv.Error):
        raise InputError(f"{path}: not the rows of an evaluation; run the stage that makes it again") from None
