"""Two ways of one piece of work, timed side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Comparison:
    """How often `ours` goes into `other`: seconds, bytes or megabytes of the same work."""

    work: str
    size: str  # of the work
    against: str  # what the other side is
    ours: float
    other: float
    unit: str
    at_least: float | None  # what the ratio is to reach

    @property
    def ratio(self) -> float:
        """How many times as much the other side needs."""
        return self.other / self.ours

    @property
    def reached(self) -> bool | None:
        """Whether the ratio is what it is to be; None where nothing is asked."""
        return None if self.at_least is None else self.ratio >= self.at_least

    def record(self) -> dict:
        """Return the comparison as plain values."""
        return asdict(self) | {"ratio": self.ratio, "reached": self.reached}


def seconds(work: Callable[[], object], other: Callable[[], object], repeat: int = 3) -> tuple[float, float]:
    """Return the shortest time of each of two works, run in turns."""
    return tuple(min(times) for times in zip(*((elapsed(work), elapsed(other)) for _ in range(repeat)), strict=True))


def elapsed(work: Callable[[], object]) -> float:
    """Return the seconds that a work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
