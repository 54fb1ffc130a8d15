"""How much memory the processes of a stage take together, watched while it works."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import psutil

_EVERY = 2.0  # seconds: a sample takes milliseconds, more the more memory there is


class MemoryWatch:
    """Samples the memory of a process and of all that it has started, in a thread of its own.

    What processes share, such as a library or images that a loader was forked with, counts once (Linux; elsewhere only
    what each has for itself counts). A peak between two samples is missed.
    """

    def __init__(self, process: int):
        """`process` is the number of the one that all that count were started by, itself included."""
        self._process = psutil.Process(process)
        self._peak = 0.0

    @contextlib.contextmanager
    def watching(self) -> Iterator[MemoryWatch]:
        """Watch within a block."""
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(over,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            over.set()
            thread.join()

    @property
    def peak_mb(self) -> float:
        """The largest sum so far, in MB (2^20 bytes)."""
        return self._peak / 2**20

    def _watch(self, over: threading.Event) -> None:
        while True:
            self._peak = max(self._peak, self._now())
            if over.wait(_EVERY):
                return

    def _now(self) -> float:
        total = 0
        with contextlib.suppress(psutil.Error):  # it may end meanwhile
            for process in [self._process, *self._process.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    used = process.memory_full_info()
                    total += getattr(used, "pss", used.uss)
        return total
