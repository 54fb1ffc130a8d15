"""Who works in a checkout: locks of a run that was killed are taken away, those of one that lives are not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys, time
from wsss.running import register, say_who_is_here
others = register({what!r})
say_who_is_here(others)
print(len(others), flush=True)
time.sleep(60)
"""


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / ".snakemake/locks").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def start(checkout):
    started = []

    def _start(what: str = "snakemake") -> subprocess.Popen:
        command = [sys.executable, "-c", PROGRAM.format(what=what)]
        process = subprocess.Popen(
            command, cwd=checkout, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        )  # fmt: skip
        started.append(process)
        return process

    yield _start
    for process in started:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen) -> int:
    """Return how many others it found."""
    return int(process.stdout.readline())


def killed(process: subprocess.Popen, number: int = signal.SIGKILL) -> str:
    process.send_signal(number)
    return process.communicate()[1]


def lock(checkout: Path) -> Path:
    path = checkout / ".snakemake/locks/0.output.lock"
    path.write_text("results/mini/main/seeds\n")
    return path


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
@pytest.mark.parametrize("what", ["snakemake", "train_seed"])
def test_locks_of_a_process_that_was_killed_are_taken_away(checkout, start, number, what):
    first = start(what)
    assert answer(first) == 0
    path = lock(checkout)
    killed(first, number)
    second = start()
    assert answer(second) == 0 and not path.exists()
    assert "An earlier run was killed" in killed(second)


@pytest.mark.parametrize("what", ["snakemake", "train_seed"])
def test_locks_of_a_process_that_lives_stay_and_it_is_named(checkout, start, what):
    first = start(what)
    assert answer(first) == 0
    path = lock(checkout)
    second = start()
    assert answer(second) == 1 and path.exists()
    said = killed(second)
    assert f"Others are at work in this folder: {what} of " in said and f"process {first.pid} on " in said


def test_of_three_the_last_one_counts(checkout, start):
    first, second = start(), start("make_mask")
    assert answer(first) + answer(second) == 1
    path = lock(checkout)
    killed(first)
    third = start()
    assert answer(third) == 1 and path.exists()  # the stage has outlived its Snakemake
    killed(second), killed(third)
    assert answer(start()) == 0 and not path.exists()


def test_without_locks_nothing_is_said(start):
    first, second = start(), start()
    assert answer(first) + answer(second) == 1
    assert killed(first) == killed(second) == ""


def test_where_snakemake_never_ran_nothing_is_made(tmp_path, monkeypatch):
    from wsss.running import register

    monkeypatch.chdir(tmp_path)
    assert register("train_seed") == [] and not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [NotImplementedError("no flock"), PermissionError("read-only")])
def test_where_there_are_no_locks_it_is_said_and_the_work_goes_on(checkout, monkeypatch, capsys, error):
    from wsss import running

    def fail(*given, **options):
        raise error

    monkeypatch.chdir(checkout)
    monkeypatch.setattr(running, "FileLock", fail)
    path = lock(checkout)
    assert running.register("train_seed") == [] and path.exists()
    assert "after a kill, use snakemake --unlock" in capsys.readouterr().err
