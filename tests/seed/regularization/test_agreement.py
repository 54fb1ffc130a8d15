"""The agreement of two views: the teacher's sharpened alpha against the student's, in both readings of eq. 9."""

from __future__ import annotations

import math

import pytest
import torch

from wsss.config.choices import AGREEMENTS
from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement

BACKGROUND = 1.0
READINGS = pytest.mark.parametrize("reading", list(AGREEMENTS))


def maps(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return activations drawn from a normal distribution."""
    return (scale * torch.randn(*shape, generator=torch.Generator().manual_seed(1))).to(dtype)


def test_powers_as_printed_by_hand():
    # Two channels, one position, tau2 = 1/2: powers of 2. teacher (1/4, 3/4), student (1/2, 1/2):
    # -(1/4) * ((1/16) 2 ln(1/2) + (9/16) 2 ln(1/2)) = (1/4) (10/16) 2 ln 2
    teacher = torch.tensor([0.25, 0.75]).log().reshape(1, 2, 1, 1)
    student = torch.tensor([0.5, 0.5]).log().reshape(1, 2, 1, 1)
    assert agreement(teacher, student, 0.5, "printed").item() == pytest.approx(0.25 * 0.625 * 2 * math.log(2), rel=1e-6)


def test_distillation_by_hand():
    # The same, each squared and divided by the sum: teacher (1/10, 9/10); student (1/3, 2/3) becomes (1/5, 4/5):
    # (1/4) (-(1/10) ln(1/5) - (9/10) ln(4/5))
    teacher = torch.tensor([0.25, 0.75]).log().reshape(1, 2, 1, 1)
    student = torch.tensor([1 / 3, 2 / 3]).log().reshape(1, 2, 1, 1)
    expected = 0.25 * (0.1 * math.log(5) + 0.9 * math.log(1.25))
    assert agreement(teacher, student, 0.5, "distilled").item() == pytest.approx(expected, rel=1e-6)


def test_readings_are_one_at_temperature_1():
    teacher, student = log_alpha(maps(2, 3, 4, 5), BACKGROUND), log_alpha(maps(2, 3, 4, 5).flip(1), BACKGROUND)
    assert torch.allclose(agreement(teacher, student, 1.0, "printed"), agreement(teacher, student, 1.0, "distilled"))


def test_distillation_is_of_softmax_of_z_over_tau2_with_the_background_as_a_channel():
    z, other, tau2 = maps(2, 3, 4, 5).double(), maps(2, 3, 4, 5).double().flip(1), 0.1
    p, q = (torch.cat([view, torch.full_like(view[:, :1], BACKGROUND)], 1).div(tau2).softmax(1) for view in (z, other))
    expected = tau2**2 * -(p * q.log()).sum(1).mean()
    found = agreement(log_alpha(z, BACKGROUND), log_alpha(other, BACKGROUND), tau2, "distilled")
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def gradient_at_equal_views(reading: str, tau2: float) -> torch.Tensor:
    z = maps(2, 3, 4, 5, dtype=torch.float64).requires_grad_()
    logs = log_alpha(z, BACKGROUND)
    agreement(logs.detach(), logs, tau2, reading).backward()
    return z.grad


def test_views_that_are_equal_teach_nothing_by_distillation_and_something_by_powers():
    # by powers: tau2 / positions * (alpha * (sum of all powers) - power) of each class
    alpha = log_alpha(maps(2, 3, 4, 5), BACKGROUND).exp()
    powers, tau2 = alpha ** (1 / 0.1), 0.1
    expected = tau2 / (2 * 4 * 5) * (alpha * powers.sum(1, keepdim=True) - powers)[:, :-1]
    assert torch.allclose(gradient_at_equal_views("printed", tau2).float(), expected, atol=1e-8)
    assert expected.abs().max() > 1e-5
    assert gradient_at_equal_views("distilled", tau2).abs().max() < 1e-8


def test_gradient_of_distillation_is_tau2_times_the_difference_of_the_distributions():
    teacher, z, tau2 = maps(2, 3, 4, 5), (2 * maps(2, 3, 4, 5).flip(1)).requires_grad_(), 0.1
    agreement(log_alpha(teacher, BACKGROUND), log_alpha(z, BACKGROUND), tau2, "distilled").backward()
    p, q = ((log_alpha(view, BACKGROUND) / tau2).softmax(1)[:, :-1] for view in (teacher, z.detach()))
    assert torch.allclose(z.grad, tau2 / (2 * 4 * 5) * (q - p), atol=1e-6)


def test_agreement_is_the_mean_over_positions_and_images():
    a, b = log_alpha(maps(1, 3, 1, 2), BACKGROUND), log_alpha(maps(1, 3, 1, 2).flip(1), BACKGROUND)
    each = [agreement(a[..., i : i + 1], b[..., i : i + 1], 0.1, "printed") for i in range(2)]
    assert agreement(a, b, 0.1, "printed").item() == pytest.approx((sum(each) / 2).item(), rel=1e-6)
    stacked = [torch.cat([view, view]) for view in (a, b)]
    assert torch.allclose(agreement(*stacked, 0.1, "printed"), agreement(a, b, 0.1, "printed"))


def test_agreement_of_identical_views_is_the_sharpened_entropy_without_renormalised_powers():
    logs = log_alpha(maps(2, 3, 4, 5), BACKGROUND)
    alpha, tau2 = logs.double().exp(), 0.1
    expected = -(tau2**2) * (alpha ** (1 / tau2) * alpha.log() / tau2).sum(1).mean()
    assert agreement(logs, logs, tau2, "printed").item() == pytest.approx(expected.item(), rel=1e-5)


@READINGS
def test_agreement_gives_the_teacher_no_gradient(reading):
    teacher = maps(1, 3, 2, 2).requires_grad_()
    student = (2 * maps(1, 3, 2, 2)).requires_grad_()
    agreement(log_alpha(teacher, BACKGROUND), log_alpha(student, BACKGROUND), 0.1, reading).backward()
    assert teacher.grad is None and student.grad.abs().sum() > 0


@READINGS
def test_agreement_is_finite_where_float16_ends(reading):
    student = maps(2, 3, 4, 4, scale=1e4, dtype=torch.float16).requires_grad_()
    teacher = maps(2, 3, 4, 4, scale=1e4, dtype=torch.float16).flip(1)
    loss = agreement(log_alpha(teacher, BACKGROUND), log_alpha(student, BACKGROUND), 0.1, reading)
    loss.backward()
    assert loss.isfinite() and student.grad.isfinite().all()
