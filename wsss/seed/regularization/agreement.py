"""The agreement of two views of alpha (paper, eq. 9), in both ways in which the equation can be read."""

from __future__ import annotations

from torch import Tensor

from wsss.config.choices import AGREEMENTS
from wsss.training.several_processes import shared_mean


def agreement(
    teacher_log_alpha: Tensor, student_log_alpha: Tensor, tau2: float, reading: str, seen: Tensor | None = None
) -> Tensor:
    """Return eq. 9, tau2^2 times the mean over positions of the views' cross entropy at temperature tau2.

    Args:
        teacher_log_alpha: (B, C+1, h, w) in float32; it gets no gradient. A channel of which the teacher says nothing
            is -inf, and adds nothing.
        student_log_alpha: (B, C+1, h, w) log-softmax in float32.
        tau2: temperature.
        reading: a key of `wsss.config.choices.AGREEMENTS`.
        seen: (B, h, w) bool, the positions over which the mean is taken; without, all. 0 if there is none.
    """
    cross_entropy = AGREEMENTS[reading].load()
    at_position = tau2**2 * cross_entropy(teacher_log_alpha.detach(), student_log_alpha, tau2)
    if seen is None:
        return at_position.mean()
    return shared_mean((at_position * seen).sum(), seen.sum())


def printed(teacher_log_alpha: Tensor, student_log_alpha: Tensor, tau2: float) -> Tensor:
    """Return -sum over channels of teacher^(1/tau2) log(student^(1/tau2)), (B, h, w), of log alpha (B, C+1, h, w).

    The powers are as printed: they do not add up to 1.
    """
    return -((teacher_log_alpha / tau2).exp() * student_log_alpha / tau2).sum(1)


def distilled(teacher_log_alpha: Tensor, student_log_alpha: Tensor, tau2: float) -> Tensor:
    """Return -sum over channels of p log q, (B, h, w), with p and q the powers of `printed`, made to add up to 1.

    They are the softmax of z / tau2, as in distillation (Hinton et al. 2015), where a factor tau2^2 keeps the size of
    the gradient as tau2 changes.
    """
    p, log_q = (teacher_log_alpha / tau2).softmax(1), (student_log_alpha / tau2).log_softmax(1)
    return -(p * log_q).sum(1)
