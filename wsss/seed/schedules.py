"""Schedules of the student's adjustment: rate = low + (high - low) * t, with t in [0, 1]."""

from __future__ import annotations

import torch
from accelerate.utils import gather
from torch import Tensor


class Schedule:
    """Gives t for each training step."""

    def __init__(self, momentum: float | None = None):
        self.momentum = momentum
        self.status = 0.0  # the learning status of the self-adaptive schedule

    def t(self, progress: float) -> float:
        """Return t at `progress`, the done share of the training."""
        raise NotImplementedError

    def observe(self, scores: Tensor, labels: Tensor) -> None:
        """Take note of a batch's class scores (B, C) and labels (B, C)."""


class Fixed(Schedule):
    """The full gap from the first step on."""

    def t(self, progress: float) -> float:
        return 1.0


class Linear(Schedule):
    """The gap grows with the training's progress."""

    def t(self, progress: float) -> float:
        return progress


class SelfAdaptive(Schedule):
    """The gap grows with the learning status: the EMA of the positive classes' mean score (after FreeMatch)."""

    def t(self, progress: float) -> float:
        return self.status

    def observe(self, scores: Tensor, labels: Tensor) -> None:
        scores, labels = gather((scores, labels))  # so that all GPUs stay in step
        positive = labels > 0
        if positive.any():
            mean = torch.sigmoid(scores.detach().float())[positive].mean().item()
            self.status = self.momentum * self.status + (1 - self.momentum) * mean


SCHEDULES = {"fixed": Fixed, "linear": Linear, "self_adaptive": SelfAdaptive}
