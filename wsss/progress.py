"""Progress: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

from wsss.product.own_measurements import Stopwatch, add_measured

Item = TypeVar("Item")
SECONDS_BETWEEN_LINES = 30


def progress(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    """Yield `items` and show how far they are: what, done, total, rate and time left; the record gets their time."""
    watch = Stopwatch()
    for item in _shown(items, total, what):
        yield item
        watch.lap()
    add_measured("loop_seconds", watch.seconds())


def _shown(items: Iterable[Item], total: int, what: str) -> Iterator[Item]:
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=what, dynamic_ncols=True, leave=False)
        return
    start = last = time.monotonic()
    for done, item in enumerate(items, 1):
        yield item
        now = time.monotonic()
        if now - last > SECONDS_BETWEEN_LINES or done == total:
            rate = done / max(now - start, 1e-9)
            left = f", {(total - done) / rate:.0f} s left" if done < total else ""
            print(f"{what}: {done}/{total} ({rate:.1f}/s{left})", file=sys.stderr, flush=True)
            last = now


class TrainingProgress:
    """How far a training is: a bar on a terminal; in a log steps, rate and time left now and then, and every epoch."""

    def __init__(self, steps: int, per_epoch: int, done: int, shown: bool) -> None:
        """`done` steps lie before this run; only one of several processes is `shown`."""
        self._steps, self._per_epoch, self._done, self._first, self._shown = steps, per_epoch, done, done, shown
        self._start = self._last = time.monotonic()
        self._bar = None
        if shown and sys.stderr.isatty():
            self._bar = tqdm(total=steps, initial=done, unit="step", dynamic_ncols=True)

    def advance(self) -> None:
        """Count another step."""
        self._done += 1
        now = time.monotonic()
        if self._bar is not None:
            self._bar.update()
        elif self._shown and now - self._last > SECONDS_BETWEEN_LINES and self._done < self._steps:
            self._last, epoch = now, 1 + (self._done - 1) // self._per_epoch
            rate = (self._done - self._first) / max(now - self._start, 1e-9)
            left = f"{rate:.3g} steps/s, {(self._steps - self._done) / rate:.0f} s left"
            print(f"epoch {epoch}: {self._done}/{self._steps} steps ({left})", file=sys.stderr, flush=True)

    def end_epoch(self, row: dict[str, float]) -> None:
        """Show the means of an epoch."""
        if self._bar is not None:
            self._bar.set_postfix({name: f"{value:.4g}" for name, value in row.items() if name != "epoch"})
        elif self._shown:
            print(", ".join(f"{name} {value:.4g}" for name, value in row.items()), file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()


class ByteProgress:
    """How far a download or an unpacking is, in bytes: done, total, rate and time left; `advance` as bytes arrive."""

    def __init__(self, what: str, total: int | None, done: int = 0) -> None:
        self._what, self._total, self._done, self._first = what, total, done, done
        self._start = self._last = time.monotonic()
        self._bar = None
        if sys.stderr.isatty():
            self._bar = tqdm(
                total=total, initial=done, desc=what, unit="B", unit_scale=True, leave=False, dynamic_ncols=True
            )

    def advance(self, count: int) -> None:
        """Count more bytes."""
        self._done += count
        if self._bar is not None:
            self._bar.update(count)
        elif time.monotonic() - self._last > SECONDS_BETWEEN_LINES:
            self._print()

    def close(self) -> None:
        """End the bar, or print the last line."""
        if self._bar is not None:
            self._bar.close()
        else:
            self._print()

    def _print(self) -> None:
        self._last = time.monotonic()
        rate = (self._done - self._first) / max(self._last - self._start, 1e-9)
        total = f" of {self._total / 1e6:.1f}" if self._total else ""
        left = (self._total or 0) - self._done
        text = f", {left / max(rate, 1e-9):.0f} s left" if left > 0 and rate > 0 else ""
        line = f"{self._what}: {self._done / 1e6:.1f}{total} MB ({rate / 1e6:.1f} MB/s{text})"
        print(line, file=sys.stderr, flush=True)
