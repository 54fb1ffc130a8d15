"""A line on the terminal for each finished stage, in place of Snakemake's text: how long, its number, what is left.

`--verbose`, `--printshellcmds`, `--quiet` and `--dry-run` give Snakemake's own text, and so does an output that is no
terminal, unless WSSS_LINES is set. Snakemake's log file has all of it in any case.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from snakemake_interface_logger_plugins.common import LogEvent

from wsss.errors import InputError
from wsss.files import read_json
from wsss.product.record import read_record

_START = 10.0  # seconds that a job takes beside its work
_EVERY = 60.0  # seconds between looks at what is running
_KEPT = "Nothing to be done"  # of what Snakemake says that is no warning
Work = Callable[[str, Mapping[str, str]], float]


def use_stage_lines(output_settings: Any, logger: logging.Logger, work: Work) -> None:
    """Have Snakemake's logger write lines, where that is wanted.

    Args:
        output_settings: Snakemake's, of this run.
        logger: Snakemake's.
        work: gives the estimated seconds of a rule's job, by the rule's name and the job's wildcards.
    """
    quiet = {one.name for one in output_settings.quiet or ()} - {"HOST"}  # which profiles/default says
    if quiet or any(getattr(output_settings, name) for name in ("verbose", "dryrun", "printshellcmds", "debug_dag")):
        return
    if not (sys.stderr.isatty() or os.environ.get("WSSS_LINES")):
        return
    for handler in logger.handlers:
        if handler.name == "DefaultStreamHandler":
            handler.addFilter(lambda record: record.levelno >= logging.WARNING or _KEPT in record.getMessage())
            logger.addHandler(StageLines(work, sys.stderr))
            return


@dataclass(frozen=True)
class _Running:
    rule: str
    product: str
    log: str
    work: float
    since: float


class StageLines(logging.Handler):
    """Turns Snakemake's events into lines; a thread says each minute what running jobs wrote last to their logs."""

    def __init__(self, work: Work, stream: TextIO):
        super().__init__()
        self._work, self._stream = work, stream
        self._waiting: Counter[str] = Counter()  # jobs that have not begun, by rule
        self._running: dict[int, _Running] = {}
        self._done, self._total, self._done_work, self._wildcards = 0, 0, 0.0, dict[str, str]()
        self._since = time.monotonic()
        threading.Thread(target=self._look, daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        event, about = getattr(record, "event", None), record.__dict__
        if event == LogEvent.RUN_INFO:
            self._waiting = Counter({rule: count for rule, count in about["stats"].items() if rule != "total"})
            self._total, self._since = self._waiting.total(), time.monotonic()
        elif event == LogEvent.JOB_INFO:
            self._begin(about)
        elif event == LogEvent.JOB_FINISHED:
            self._finish(about["job_id"])

    def _begin(self, about: Mapping[str, Any]) -> None:
        rule, wildcards = about["rule_name"], dict(about["wildcards"] or {})
        self._wildcards = wildcards or self._wildcards  # those of others are guessed to be as these
        output, logs = about["output"] or [""], about["log"] or [""]
        self._waiting[rule] -= 1
        self._running[about["jobid"]] = _Running(
            rule, str(output[0]), str(logs[0]), self._estimate(rule, wildcards), time.monotonic()
        )

    def _finish(self, job: int) -> None:
        self._done += 1
        running = self._running.pop(job, None)
        if running is None:
            return
        self._done_work += running.work
        if running.product:  # a rule without a product only gathers others
            took = spoken(time.monotonic() - running.since)
            number = _number(Path(running.product))
            self._say(f"[{self._done} of {self._total}] {running.rule} {running.product}: {took}{number}{self._left()}")

    def _estimate(self, rule: str, wildcards: Mapping[str, str]) -> float:
        try:
            return _START + self._work(rule, wildcards)
        except (InputError, KeyError):  # of a rule that is no stage
            return _START

    def _left(self) -> str:
        """Say about how long the rest takes, were the estimates wrong by as much as they were so far."""
        left = sum(count * self._estimate(rule, self._wildcards) for rule, count in self._waiting.items() if count > 0)
        left += sum(running.work for running in self._running.values()) / 2
        elapsed = time.monotonic() - self._since
        seconds = elapsed * left / self._done_work
        return f"; about {spoken(seconds)} left" if self._done < self._total and seconds > 2 * _START else ""

    def _look(self) -> None:
        while True:
            time.sleep(_EVERY)
            for running in list(self._running.values()):
                took = time.monotonic() - running.since
                if took >= _EVERY and (line := last_line(Path(running.log))):
                    self._say(f"    {running.rule} {running.product}, {spoken(took)}: {line}")

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)


def spoken(seconds: float) -> str:
    """Return a time as one says it: 8 s, 1 min 30 s, 25 min, 3 h 10 min."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    if minutes < 10:
        whole, rest = divmod(round(seconds / 10) * 10, 60)
        return f"{whole} min {rest} s" if rest else f"{whole} min"
    if minutes < 100:
        return f"{minutes:.0f} min"
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def last_line(log: Path) -> str:
    """Return what stands last in a log, of a progress bar what it shows now; nothing if there is no such file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 4096))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.replace("\r", "\n").split("\n")]
    return next((line for line in reversed(lines) if line and not line.startswith("python ")), "")


def _number(product: Path) -> str:
    """Say what came out: the mIoU of metrics, else of how many images."""
    if product.suffix == ".json":
        try:
            miou = read_json(product).get("miou")
        except (InputError, json.JSONDecodeError, AttributeError):
            return ""
        return f", mIoU {miou:.2f}" if isinstance(miou, float) else ""
    record = read_record(product)
    return f", {record.images:,} images" if record is not None and record.images else ""
