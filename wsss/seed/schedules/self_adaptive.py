"""Schedule `self_adaptive` (after FreeMatch, Wang et al., ICLR 2023)."""

from __future__ import annotations

import torch
from accelerate.utils import gather
from torch import Tensor

from wsss.seed.schedules.base import Schedule


class SelfAdaptive(Schedule):
    """The gap grows with the learning status: the EMA of the positive classes' mean score."""

    def t(self, progress: float) -> float:
        return self.status

    def observe(self, scores: Tensor, labels: Tensor) -> None:
        scores, labels = gather((scores, labels))  # so that all GPUs stay in step
        positive = labels > 0
        if positive.any():
            mean = torch.sigmoid(scores.detach().float())[positive].mean().item()
            momentum = self.settings.schedule_momentum
            self.status = momentum * self.status + (1 - momentum) * mean
