"""The agreement of two views of alpha (paper, eq. 9)."""

from __future__ import annotations

from torch import Tensor

from wsss.training.several_processes import shared_mean


def agreement(teacher_log_alpha: Tensor, student_log_alpha: Tensor, tau2: float, seen: Tensor | None = None) -> Tensor:
    """Return eq. 9: -tau2^2 mean over positions of sum over channels of teacher^(1/tau2) log(student^(1/tau2)).

    Args:
        teacher_log_alpha: (B, C+1, h, w) in float32; it gets no gradient. A channel of which the teacher says nothing
            is -inf, and adds nothing.
        student_log_alpha: (B, C+1, h, w) log-softmax in float32.
        tau2: temperature. Powers as printed, not renormalised.
        seen: (B, h, w) bool, the positions over which the mean is taken; without, all. 0 if there is none.
    """
    teacher = (teacher_log_alpha.detach() / tau2).exp()
    at_position = -(tau2**2) * (teacher * student_log_alpha / tau2).sum(1)
    if seen is None:
        return at_position.mean()
    return shared_mean((at_position * seen).sum(), seen.sum())
