"""The schedules by which a student's drop rates rise."""

from __future__ import annotations

import pytest
import torch
from small import seed_settings

from wsss.seed.schedules.fixed import Fixed
from wsss.seed.schedules.linear import Linear
from wsss.seed.schedules.self_adaptive import SelfAdaptive


def test_fixed_schedule_is_one_and_linear_the_progress():
    fixed, linear = Fixed(seed_settings()), Linear(seed_settings())
    assert [fixed.t(p) for p in (0.0, 0.3, 1.0)] == [1, 1, 1]
    assert [linear.t(p) for p in (0.0, 0.3, 1.0)] == [0, 0.3, 1.0]


def test_self_adaptive_schedule_follows_the_positive_classes_scores():
    schedule = SelfAdaptive(seed_settings(schedule_momentum=0.5))
    assert schedule.t(0.9) == 0
    logit = torch.logit
    # positive classes' probabilities 0.8 and 0.4, mean 0.6; the negative's 0.99 does not count: 0.5*0 + 0.5*0.6
    schedule.observe(logit(torch.tensor([[0.8, 0.99], [0.5, 0.4]])), torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
    assert schedule.t(0.9) == pytest.approx(0.3, rel=1e-5)
    schedule.observe(logit(torch.tensor([[0.9, 0.99]])), torch.tensor([[1.0, 0.0]]))  # 0.5*0.3 + 0.5*0.9
    assert schedule.t(0.9) == pytest.approx(0.6, rel=1e-5)


def test_self_adaptive_schedule_waits_while_no_class_is_present():
    schedule = SelfAdaptive(seed_settings(schedule_momentum=0.5))
    schedule.status = 0.4
    schedule.observe(torch.ones(2, 3), torch.zeros(2, 3))
    assert schedule.t(0.0) == 0.4
