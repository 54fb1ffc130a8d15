"""Schedule `linear`."""

from __future__ import annotations

from wsss.seed.schedules.base import Schedule


class Linear(Schedule):
    """The gap grows with the training's progress."""

    def t(self, progress: float) -> float:
        return progress
