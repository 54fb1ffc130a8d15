"""The agreement of two views: the teacher's sharpened alpha against the student's."""

from __future__ import annotations

import math

import pytest
import torch

from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement

BACKGROUND = 1.0


def maps(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return activations drawn from a normal distribution."""
    return (scale * torch.randn(*shape, generator=torch.Generator().manual_seed(1))).to(dtype)


def test_agreement_by_hand():
    # Two channels, one position, tau2 = 1/2: powers of 2. teacher (1/4, 3/4), student (1/2, 1/2):
    # -(1/4) * ((1/16) 2 ln(1/2) + (9/16) 2 ln(1/2)) = (1/4) (10/16) 2 ln 2
    teacher = torch.tensor([0.25, 0.75]).log().reshape(1, 2, 1, 1)
    student = torch.tensor([0.5, 0.5]).log().reshape(1, 2, 1, 1)
    assert agreement(teacher, student, 0.5).item() == pytest.approx(0.25 * 0.625 * 2 * math.log(2), rel=1e-6)


def test_agreement_is_the_mean_over_positions_and_images():
    a, b = log_alpha(maps(1, 3, 1, 2), BACKGROUND), log_alpha(maps(1, 3, 1, 2).flip(1), BACKGROUND)
    each = [agreement(a[..., i : i + 1], b[..., i : i + 1], 0.1) for i in range(2)]
    assert agreement(a, b, 0.1).item() == pytest.approx((sum(each) / 2).item(), rel=1e-6)
    stacked = [torch.cat([view, view]) for view in (a, b)]
    assert torch.allclose(agreement(*stacked, 0.1), agreement(a, b, 0.1))


def test_agreement_of_identical_views_is_the_sharpened_entropy_without_renormalised_powers():
    logs = log_alpha(maps(2, 3, 4, 5), BACKGROUND)
    alpha, tau2 = logs.double().exp(), 0.1
    expected = -(tau2**2) * (alpha ** (1 / tau2) * alpha.log() / tau2).sum(1).mean()
    assert agreement(logs, logs, tau2).item() == pytest.approx(expected.item(), rel=1e-5)


def test_agreement_gives_the_teacher_no_gradient():
    teacher = maps(1, 3, 2, 2).requires_grad_()
    student = (2 * maps(1, 3, 2, 2)).requires_grad_()
    agreement(log_alpha(teacher, BACKGROUND), log_alpha(student, BACKGROUND), 0.1).backward()
    assert teacher.grad is None and student.grad.abs().sum() > 0


def test_agreement_is_finite_where_float16_ends():
    student = maps(2, 3, 4, 4, scale=1e4, dtype=torch.float16).requires_grad_()
    teacher = maps(2, 3, 4, 4, scale=1e4, dtype=torch.float16).flip(1)
    loss = agreement(log_alpha(teacher, BACKGROUND), log_alpha(student, BACKGROUND), 0.1)
    loss.backward()
    assert loss.isfinite() and student.grad.isfinite().all()
