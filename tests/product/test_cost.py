"""The page of what results have cost, and the memory that it tells."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from wsss.product.cost import Asked, cost_page
from wsss.product.memory import MemoryWatch
from wsss.product.record import Record

ONE, TWO = Path("results/toy/main/seeds"), Path("results/toy/tau1=2/seeds")
MASKS = Path("results/toy/main/masks")


def record(stage: str, seconds: float, memory: float, **changes) -> Record:
    return Record(stage, "toy", {}, {}, {}, "x", seconds=seconds, images=100, peak_memory_mb=memory, **changes)


def page(**changes) -> list[str]:
    records = {
        MASKS: record("make_mask", 1800, 2100),
        ONE: record("extract_seed", 60, 900.4, measured={"peak_gpu_memory_mb": 1.0}),
        TWO: record("extract_seed", 140, 500, **changes),
        Path("results/toy/other"): None,
    }
    asked = {ONE: Asked(1000, 30), TWO: Asked(2001, 31), MASKS: Asked(2000, 45)}
    return cost_page("toy", records, asked).splitlines()


def test_jobs_of_a_stage_are_summed_up_beside_what_the_most_needy_had_asked_for():
    rows = [line for line in page() if line.startswith("| ") and "_" in line]
    assert rows == [
        "| extract_seed | 2 | 0.056 | 1 | 2.3 | 31 | 900 | 1000 |",  # in the order of the pipeline
        "| make_mask | 1 | 0.5 | 0.0556 | 30.0 | 45 | 2100 | 2000 |",
    ]
    assert page()[2].startswith("**0.56 hours** of 3 jobs, one after the other (0.017 hours with a GPU)")


def test_jobs_that_a_cluster_would_have_stopped_or_that_ask_for_too_much_are_named():
    text = "\n".join(page())
    short, lavish = text.split("## More than was asked for")[1].split("## Less than a quarter of the memory")
    assert short.strip() == f"- {MASKS}: 2100 of 2000 MB, 30.0 of 45 minutes"
    assert lavish.split("##")[0].strip() == f"- {TWO}: 500 of 2001 MB, 2.3 of 31 minutes"
    assert lavish.endswith("## No record\n\n- results/toy/other")


def test_memory_is_that_of_all_processes_together_and_what_they_share_counts_once(monkeypatch):
    monkeypatch.setattr("wsss.product.memory._EVERY", 0.05)
    holds = "import os, time; held = bytearray(b'x') * 200_000_000; os.fork(); print(flush=True); time.sleep(60)"
    with MemoryWatch(os.getpid()).watching() as watch:
        time.sleep(0.3)
        alone = watch.peak_mb
        command = [sys.executable, "-c", holds]
        children = [subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) for _ in range(2)]
        for child in children:
            child.stdout.readline()
        time.sleep(0.3)
        for child in children:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    assert 380 < watch.peak_mb - alone < 500
