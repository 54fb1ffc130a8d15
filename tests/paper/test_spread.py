"""Means and spreads over random seeds."""

from __future__ import annotations

import pytest

from wsss.paper.spread import difference, sign, spread


def test_spread_is_mean_and_sample_deviation():
    found = spread([60.0, 62.0, 67.0])  # mean 63, squares 9 + 1 + 16, over 2
    assert (found.mean, found.count) == (63.0, 3)
    assert found.deviation == pytest.approx(13**0.5)
    assert str(found) == "63.0 ± 3.6"


def test_single_run_has_no_spread():
    assert spread([60.0]).deviation is None and str(spread([60.0])) == "60.0"


def test_difference_spreads_as_two_runs_do():
    gap = difference(spread([10.0, 16.0]), spread([1.0, 9.0]))  # 13 ± sqrt(18), 5 ± sqrt(32)
    assert gap.mean == 8 and gap.deviation == pytest.approx(50**0.5)
    assert difference(spread([1.0]), spread([2.0, 3.0])).deviation is None


def test_difference_within_its_spread_has_no_sign():
    assert sign(difference(spread([10.0, 16.0]), spread([1.0, 9.0]))) == 1  # 8 > 7.07
    assert sign(difference(spread([10.0, 16.0]), spread([3.0, 11.0]))) is None  # 6 < 7.07
    assert sign(difference(spread([1.0]), spread([2.0]))) == -1
    assert sign(difference(spread([1.0]), spread([1.0]))) is None
