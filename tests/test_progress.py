"""Progress in a log."""

from __future__ import annotations

from wsss import progress as progress_module
from wsss.progress import TrainingProgress, progress


def test_progress_passes_the_items_on_and_tells_the_end(capsys):
    assert list(progress(iter("abc"), 3, "seeds")) == ["a", "b", "c"]
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("seeds: 3/3 (")


def test_progress_tells_the_time_left_now_and_then(capsys, monkeypatch):
    clock = iter(range(0, 10_000, 20))  # 20 s an item: a line for every second one
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    list(progress(range(4), 4, "seeds"))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2 and lines[0] == "seeds: 2/4 (0.1/s, 40 s left)"


def test_a_training_tells_steps_rate_and_time_left_within_an_epoch(capsys, monkeypatch):
    clock = iter([0, *range(20, 10_000, 20)])  # 20 s a step: a line for every second one
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    shown = TrainingProgress(steps=9, per_epoch=3, done=3, shown=True)
    for _ in range(3):
        shown.advance()
    shown.end_epoch({"epoch": 2, "lr": 0.1, "loss": 0.12345678})
    for _ in range(3):
        shown.advance()
    assert capsys.readouterr().err.splitlines() == [
        "epoch 2: 5/9 steps (0.05 steps/s, 80 s left)",
        "epoch 2, lr 0.1, loss 0.1235",
        "epoch 3: 7/9 steps (0.05 steps/s, 40 s left)",
    ]


def test_of_several_processes_one_tells(capsys, monkeypatch):
    monkeypatch.setattr(progress_module, "SECONDS_BETWEEN_LINES", -1)
    shown = TrainingProgress(steps=9, per_epoch=3, done=0, shown=False)
    shown.advance()
    shown.end_epoch({"epoch": 1})
    shown.close()
    assert capsys.readouterr().err == ""
