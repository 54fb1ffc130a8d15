"""Work on many images in several processes: in order, with bounded memory, with errors that arrive."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from wsss.errors import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")
_IN_FLIGHT = 4  # items per process that are waiting or being worked on
_ALONE = 5.0  # seconds of work before other processes are started: each imports torch first, which takes as long


def parallel(function: Callable[[Item], Result], items: Iterable[Item], processes: int) -> Iterator[Result]:
    """Yield `function(item)` in the order of `items`, computed by `processes` processes.

    Items are drawn as they are needed, so they may come from a generator that holds large arrays. `function` must be
    importable (a module's function, or a `functools.partial` of one). The caller's own process works for the first five
    seconds, and to the end if that is enough: nothing is started for a dozen images.
    """
    iterator, spent = iter(items), 0.0
    for item in iterator:
        began = time.monotonic()
        result = function(item)
        spent += time.monotonic() - began
        yield result
        if processes > 1 and spent > _ALONE:
            break
    else:
        return
    context = multiprocessing.get_context("spawn")  # safe whatever threads the caller has running
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_one_thread) as pool:
        waiting = deque(pool.submit(function, item) for item in islice(iterator, _IN_FLIGHT * processes))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(function, item) for item in islice(iterator, 1))
        except BrokenProcessPool:
            raise InputError("a worker process was killed, most likely for want of memory; use fewer threads") from None
        finally:
            for future in waiting:
                future.cancel()


def ahead(function: Callable[[Item], Result], items: Iterable[Item], threads: int) -> Iterator[Result]:
    """Yield `function(item)` in the order of `items`, computed by threads while the caller is at earlier ones.

    For what leaves the interpreter free, such as decoding and the dense CRF. `items` may be a generator; it runs in the
    caller's thread. No more than two results for each thread wait for the caller.
    """
    iterator = iter(items)
    pool = ThreadPoolExecutor(threads)
    try:
        waiting = deque(pool.submit(function, item) for item in islice(iterator, 2 * threads))
        while waiting:
            result = waiting.popleft().result()
            waiting.extend(pool.submit(function, item) for item in islice(iterator, 1))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)


def chunks(items: list[Item], size: int) -> list[list[Item]]:
    """Return items in lists of `size`, the last of the rest: tasks that are worth a process's while."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def loading_workers(threads: int) -> int:
    """Return how many processes load images beside a network: with few cores, none, as it makes more use of them."""
    return threads if threads > 2 else 0


def _one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"  # for a torch that is yet to be imported
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
