"""Running a scratch project for a limited time, and what became of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TOLD = re.compile(r"\b\w*[Ee]rror: ")  # in the line that says why a stage failed


@dataclass(frozen=True)
class Outcome:
    """How a trial ended."""

    seconds: float
    finished: bool  # the whole way
    stopped: bool  # at the limit
    failures: tuple[str, ...]  # a line each: the log of a stage, and why it failed


def run_trial(folder: Path, targets: Iterable[str | Path], cores: int, limit: float) -> Outcome:
    """Make targets of a scratch project on some cores, for at most `limit` seconds, and say how it ended."""
    environment = {name: value for name, value in os.environ.items() if name != "WSSS_AGAIN"}
    environment["PYTHONPATH"] = str(folder.resolve())
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--keep-going", "--quiet", "all"]
    command += ["--", *map(str, targets)]
    start, stopped = time.monotonic(), False
    with (folder / "snakemake.log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            stopped = True
        finally:  # a stage of a killed Snakemake goes on otherwise
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    failures = () if stopped or not process.returncode else tuple(_failures(folder))
    return Outcome(time.monotonic() - start, process.returncode == 0, stopped, failures)


def _failures(folder: Path) -> list[str]:
    found = []
    for log in sorted(folder.glob("logs/**/*.log")):
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        why = [line for line in lines if _TOLD.search(line)]
        if why:
            found.append(f"{log.relative_to(folder)}: {why[-1].strip()}")
    last = (folder / "snakemake.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return found or [f"snakemake: {last[-1] if last else 'ended without a word'}"]
