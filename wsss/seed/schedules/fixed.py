"""Schedule `fixed`."""

from __future__ import annotations

from wsss.seed.schedules.base import Schedule


class Fixed(Schedule):
    """The full gap from the first step on."""

    def t(self, progress: float) -> float:
        return 1.0
