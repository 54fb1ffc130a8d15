"""What a stage's process has measured of itself, for its record: the work without its start, waiting, precision."""

from __future__ import annotations

import sys
from time import monotonic

_MEASURED: dict[str, float | str] = {}


class Stopwatch:
    """Times the items of a loop as if the first had taken as long as the others, without what it needs to get going.

    A first batch waits for processes that load images, for kernels that are chosen, for weights on their way to a GPU.
    """

    def __init__(self) -> None:
        self._start = monotonic()
        self._first: float | None = None
        self._done = 0

    def lap(self) -> None:
        """Say that another item is done."""
        self._done += 1
        if self._first is None:
            self._first = monotonic()

    def seconds(self) -> float:
        """Return the time that all items so far take at the speed of those after the first; of one alone, its own."""
        if self._first is None:
            return 0.0
        if self._done == 1:
            return self._first - self._start
        return (monotonic() - self._first) * self._done / (self._done - 1)


def add_measured(name: str, seconds: float) -> None:
    """Add seconds to a measurement of this process: `loop_seconds`, or the `waiting_seconds` in it."""
    _MEASURED[name] = float(_MEASURED.get(name, 0.0)) + seconds


def say_measured(name: str, value: str | int) -> None:
    """Note a fact about this process, such as its `precision` or how many `threads` it was given."""
    _MEASURED[name] = value


def own_measurements() -> dict[str, float | str]:
    """Return what this process has measured of itself: plain values, seconds and MB, rounded."""
    found = {name: round(value, 2) if isinstance(value, float) else value for name, value in _MEASURED.items()}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        found["peak_gpu_memory_mb"] = round(torch.cuda.max_memory_reserved() / 2**20, 1)
    return found
