"""Lines for finished stages in place of Snakemake's text."""

import io
import json
import logging
import time
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from wsss.stage_lines import StageLines, last_line, spoken, use_stage_lines

WORK = {"train_seed": 90.0, "evaluate_seed": 0.0}


def work(rule: str, wildcards: dict) -> float:
    return WORK[rule]


@pytest.fixture
def clock(monkeypatch):
    """A time that stands still until it is set forward."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr("wsss.stage_lines.time", SimpleNamespace(monotonic=lambda: now.seconds, sleep=time.sleep))
    return now


@pytest.fixture
def lines(clock):
    return StageLines(work, io.StringIO())


def tell(lines: StageLines, event: LogEvent, **about) -> None:
    lines.emit(logging.makeLogRecord({"event": event, **about}))


def begin(lines: StageLines, job: int, rule: str, *output: str) -> None:
    tell(lines, LogEvent.JOB_INFO, jobid=job, rule_name=rule, output=list(output), log=[], wildcards={"dataset": "toy"})


def test_a_line_says_what_how_long_its_number_and_what_is_left(lines, clock, tmp_path):
    network, metrics = tmp_path / "network", tmp_path / "seed_metrics.json"
    (tmp_path / "network.run.json").write_text(
        json.dumps({"stage": "s", "dataset": "d", "settings": {}, "options": {}, "inputs": {}, "product": "x"})
    )
    metrics.write_text('{"miou": 65.318}')
    tell(lines, LogEvent.RUN_INFO, stats={"train_seed": 2, "evaluate_seed": 1, "all": 1, "total": 4})
    begin(lines, 3, "train_seed", str(network))
    clock.seconds = 200.0  # for what was estimated to take 100
    tell(lines, LogEvent.JOB_FINISHED, job_id=3)
    begin(lines, 1, "evaluate_seed", str(metrics))
    clock.seconds = 210.0
    tell(lines, LogEvent.JOB_FINISHED, job_id=1)
    begin(lines, 0, "all")
    tell(lines, LogEvent.JOB_FINISHED, job_id=0)
    assert lines._stream.getvalue().splitlines() == [
        f"[1 of 4] train_seed {network}: 3 min 20 s; about 4 min left",  # 100 and twice 10, at this rate
        f"[2 of 4] evaluate_seed {metrics}: 10 s, mIoU 65.32; about 3 min 30 s left",
    ]


def test_what_runs_for_minutes_says_what_its_log_says(clock, tmp_path, monkeypatch):
    monkeypatch.setattr("wsss.stage_lines._EVERY", 0.02)
    log = tmp_path / "log"
    log.write_text("python stages/train_seed.py\nepoch 1, loss 0.5\nepoch 2: 3/7 \r epoch 2: 5/7 (1/s)\n\n")
    lines = StageLines(work, io.StringIO())
    about = {"output": ["network"], "log": [str(log)], "wildcards": {}}
    tell(lines, LogEvent.JOB_INFO, jobid=1, rule_name="train_seed", **about)
    clock.seconds = 130.0
    time.sleep(0.3)
    lines._running.clear()
    assert lines._stream.getvalue().splitlines()[0] == "    train_seed network, 2 min 10 s: epoch 2: 5/7 (1/s)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7.6, "8 s"), (99.4, "99 s"), (100, "1 min 40 s"), (119, "2 min"), (599, "10 min"), (1500, "25 min")]
    + [(5990, "100 min"), (6000, "1 h 40 min"), (7190, "2 h"), (11_400, "3 h 10 min")],
)
def test_times_are_said_as_roughly_as_they_are_long(seconds, text):
    assert spoken(seconds) == text


def test_a_log_that_is_not_there_or_has_only_its_command_says_nothing(tmp_path):
    (tmp_path / "log").write_text("python stages/train_seed.py\n")
    assert last_line(tmp_path / "log") == last_line(tmp_path / "none") == ""


def settings(**changes) -> SimpleNamespace:
    plain = dict.fromkeys(("verbose", "dryrun", "printshellcmds", "debug_dag"), False)
    return SimpleNamespace(**plain | {"quiet": [SimpleNamespace(name="HOST")]} | changes)


def logger() -> logging.Logger:
    made = logging.Logger("of a test")
    made.addHandler(logging.StreamHandler(io.StringIO()))
    made.handlers[0].name = "DefaultStreamHandler"
    return made


def test_on_a_terminal_snakemake_says_warnings_only_and_that_nothing_is_to_be_done(monkeypatch):
    monkeypatch.setenv("WSSS_LINES", "1")
    use_stage_lines(settings(), made := logger(), work)
    for text in ("Select jobs to execute...", "Nothing to be done (all is there).", "Finished jobid: 3"):
        made.info(text)
    made.warning("a warning")
    assert made.handlers[0].stream.getvalue().splitlines() == ["Nothing to be done (all is there).", "a warning"]
    assert isinstance(made.handlers[1], StageLines)


@pytest.mark.parametrize(
    "asked", [{"verbose": True}, {"dryrun": True}, {"printshellcmds": True}, {"quiet": [SimpleNamespace(name="RULES")]}]
)
def test_who_asks_for_snakemakes_text_gets_it(monkeypatch, asked):
    monkeypatch.setenv("WSSS_LINES", "1")
    use_stage_lines(settings(**asked), made := logger(), work)
    assert len(made.handlers) == 1 and not made.handlers[0].filters


def test_what_is_no_terminal_gets_it_too(monkeypatch):
    monkeypatch.delenv("WSSS_LINES", raising=False)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    use_stage_lines(settings(), made := logger(), work)
    assert len(made.handlers) == 1
