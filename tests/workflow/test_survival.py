"""Killed at random moments, under either engine, the pipeline goes on and ends the same."""

import pytest
from survival.kills import survive

pytestmark = pytest.mark.slow


def test_four_kills_are_survived(tmp_path):
    hit = survive(tmp_path, kills=4, seed=1)
    assert hit.total() >= 4
