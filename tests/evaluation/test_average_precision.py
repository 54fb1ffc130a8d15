"""How well scores rank images by their labels."""

import numpy as np
import pytest

from wsss.evaluation.average_precision import average_precision, ranking_metrics


def test_a_perfect_ranking_is_one_and_none_without_a_positive():
    labels = np.array([1, 1, 0, 0])
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0]), labels) == 1
    assert average_precision(np.array([4.0, 3.0, 2.0, 1.0]), np.zeros(4)) is None


def test_it_is_the_mean_of_the_precisions_at_the_positives():
    scores, labels = np.array([5.0, 4.0, 3.0, 2.0, 1.0]), np.array([0, 1, 0, 1, 1])
    assert average_precision(scores, labels) == pytest.approx((1 / 2 + 2 / 4 + 3 / 5) / 3)


def test_equal_scores_fall_together_so_that_their_order_does_not_count():
    labels = np.array([1, 0, 1, 0])
    assert average_precision(np.zeros(4), labels) == average_precision(np.zeros(4), labels[::-1]) == 0.5


def test_the_mean_is_over_the_classes_that_occur():
    scores = np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0]])
    metrics = ranking_metrics(scores, np.array([[1, 1, 0], [0, 0, 0]], np.uint8), ["cat", "dog", "fox"])
    assert metrics["map"] == pytest.approx(75) and metrics["images"] == 2
    assert metrics["per_class"]["dog"] == {"average_precision": pytest.approx(50), "images": 1}
    assert metrics["per_class"]["fox"] == {"average_precision": None, "images": 0}
