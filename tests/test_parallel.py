"""Several processes: results in order, bounded memory, errors that arrive."""

from __future__ import annotations

import functools
import operator
import os
import signal

import pytest

from wsss.errors import InputError
from wsss.parallel import ahead, parallel


def refuse(number: int) -> int:
    if number == 3:
        raise InputError("photo 3: broken")
    return number


def die(number: int) -> int:
    if number:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Other processes are started after the first item, however little work it was."""
    monkeypatch.setattr("wsss.parallel._ALONE", 0.0)


def test_nothing_is_started_for_work_of_less_than_five_seconds(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr("wsss.parallel.ProcessPoolExecutor", None)
    assert list(parallel(abs, range(1000), 2)) == list(range(1000))


def test_after_that_others_go_on():
    mine, *others = parallel(process_of, range(4), 2)
    assert mine == os.getpid() and mine not in others


def process_of(_: int) -> int:
    return os.getpid()


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_items(processes):
    assert list(parallel(functools.partial(operator.mul, 2), range(30), processes)) == list(range(0, 60, 2))


def test_items_are_drawn_as_they_are_needed():
    drawn = []
    items = (drawn.append(i) or i for i in range(100))
    results = parallel(functools.partial(operator.mul, 2), items, 2)
    assert [next(results), next(results), next(results)] == [0, 2, 4]
    assert len(drawn) == 10  # the caller's, four in flight for each process, and one in the place of the first
    results.close()
    assert len(drawn) == 10


def test_one_process_draws_one_item_at_a_time():
    drawn = []
    results = parallel(abs, (drawn.append(i) or i for i in range(10)), 1)
    next(results)
    assert drawn == [0]


@pytest.mark.parametrize("processes", [1, 2])
def test_input_error_of_a_worker_arrives_as_it_was(processes):
    results = parallel(refuse, range(10), processes)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(InputError, match="^photo 3: broken$"):
        next(results)


def test_killed_worker_is_an_error_that_tells_what_to_do():
    with pytest.raises(InputError, match="killed.*fewer threads"):
        list(parallel(die, range(4), 2))


def test_threads_work_ahead_of_the_caller_and_give_results_in_order():
    drawn: list[int] = []
    results = ahead(functools.partial(operator.mul, 2), (drawn.append(i) or i for i in range(100)), 2)
    assert next(results) == 0 and len(drawn) == 5  # two for each thread, and one in the place of the first
    assert list(results) == list(range(2, 200, 2))


def test_an_error_of_a_thread_arrives_where_its_result_would():
    results = ahead(refuse, range(10), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(InputError, match="photo 3: broken"):
        next(results)
