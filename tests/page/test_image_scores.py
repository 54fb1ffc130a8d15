"""What the rows of one image say of it, in pixels that can be counted by hand."""

import numpy as np
import pytest

from wsss.errors import InputError
from wsss.evaluation.image_rows import ImageRows, counts_of_mask
from wsss.evaluation.metrics import ConfusionMatrix
from wsss.page.classes import confusion_shares
from wsss.page.image_scores import read_scores

MASK = np.array([[0, 0, 0, 0], [1, 1, 1, 2], [255, 2, 2, 2]], np.uint8)


def scores_of(tmp_path, made):
    with ImageRows() as rows:
        counts = ConfusionMatrix(["cat", "dog"]).add(MASK, np.array(made, np.uint8))
        rows.extend([("one", counts_of_mask(counts, 1))])
        rows.write(tmp_path / "rows.csv", ["cat", "dog"])
    return read_scores(tmp_path / "rows.csv")["one"]


def test_wrong_pixels_are_told_apart(tmp_path):
    scores = scores_of(tmp_path, [[1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 1, 2]])  # one too much, two missed, three wrong
    assert scores.wrong == pytest.approx((200 / 11, 100 / 11, 300 / 11))
    assert scores.kind == 2
    assert scores.classes == pytest.approx({"background": 100 * 3 / 6, "cat": 100 * 1 / 7, "dog": 100 * 1 / 4})
    assert scores.iou == pytest.approx(sum(scores.classes.values()) / 3)


def test_an_image_without_a_wrong_pixel_has_no_kind(tmp_path):
    scores = scores_of(tmp_path, np.where(MASK == 255, 1, MASK))
    assert scores.kind is None and scores.iou == 100


def test_a_file_that_is_no_rows_is_named(tmp_path):
    (tmp_path / "rows.csv").write_text("image,class\na,b\n")
    with pytest.raises(InputError, match="rows.csv: not the rows of an evaluation"):
        read_scores(tmp_path / "rows.csv")


def test_confusions_are_shares_of_the_true_class_and_the_largest_come_first():
    found = confusion_shares([[90, 10, 0], [30, 60, 10], [0, 0, 0]])
    assert found["shares"] == [[90, 10, 0], [30, 60, 10], [None] * 3]
    assert found["largest"][:2] == [[1, 0, 30], [0, 1, 10]]
