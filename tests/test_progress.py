"""Progress in a log."""

from __future__ import annotations

from wsss import progress as progress_module
from wsss.progress import progress


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
