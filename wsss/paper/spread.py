"""Numbers with their spread over random seeds, and what can be said of a difference of two."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

UNDECIDED = "undecided"


@dataclass(frozen=True)
class Spread:
    """The mean of some runs that differ by their random seed, and their (sample) standard deviation."""

    mean: float
    deviation: float | None  # None for a single run
    count: int

    def __str__(self) -> str:
        return f"{self.mean:.1f}" if self.deviation is None else f"{self.mean:.1f} ± {self.deviation:.1f}"


def spread(values: Sequence[float]) -> Spread:
    """Return the spread of at least one value."""
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(statistics.fmean(values), deviation, len(values))


def difference(one: Spread, other: Spread) -> Spread:
    """Return one minus other; its deviation is that of a difference of two single runs, sqrt(a^2 + b^2)."""
    deviation = None
    if one.deviation is not None and other.deviation is not None:
        deviation = math.hypot(one.deviation, other.deviation)
    return Spread(one.mean - other.mean, deviation, min(one.count, other.count))


def sign(number: Spread) -> int | None:
    """Return 1 or -1, or None when the number is not larger than its spread, or 0."""
    if abs(number.mean) <= (number.deviation or 0.0):
        return None
    return 1 if number.mean > 0 else -1
