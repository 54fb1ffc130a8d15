"""What a schedule is."""

from __future__ import annotations

from torch import Tensor

from wsss.config.blocks import Seed


class Schedule:
    """Gives t for each training step."""

    def __init__(self, settings: Seed):
        self.settings = settings
        self.status = 0.0  # what it has learned of the training so far; a resumed training sets it

    def t(self, progress: float) -> float:
        """Return t in [0, 1] at `progress`, the done share of the training."""
        raise NotImplementedError

    def observe(self, scores: Tensor, labels: Tensor) -> None:
        """Take note of a batch's class scores (B, C) and labels (B, C)."""
