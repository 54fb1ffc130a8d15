"""Jobs on one machine: each has GPUs of its own, waits for them, and leaves them to others when it ends."""

from __future__ import annotations

import os
import signal
import time

import pytest

MEETING = """
import os, sys, time
from pathlib import Path
from wsss.gpu import take_gpus
take_gpus(int(sys.argv[1]))
marks = [Path(os.environ["WSSS_GPU_FOLDER"], f"used-{name}") for name in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
for mark in marks:
    mark.touch(exist_ok=False)
time.sleep(0.3)
for mark in marks:
    mark.unlink()
"""

FORKS = """
import os, time
from wsss.gpu import take_gpus
take_gpus(1)
if os.fork() == 0:
    print(os.getpid(), flush=True)
time.sleep(60)
"""


def test_each_job_sees_another_gpu(machine):
    two = machine("GPU-a", "GPU-b", "GPU-c")
    assert [two.sees(), two.sees(2)] == ["GPU-a", "GPU-b,GPU-c"]


def test_jobs_that_start_together_never_meet(machine):
    three = machine("GPU-a", "GPU-b", "GPU-c")
    jobs = [three.start(count, MEETING) for count in (1, 2, 1, 3, 1, 2, 1, 2)]
    for job in jobs:
        _, errors = job.communicate(timeout=300)
        assert job.returncode == 0, errors


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_waits_and_says_so_until_one_that_is_killed_has_freed_its_gpu(machine, number):
    one = machine("GPU-a")
    assert one.sees() == "GPU-a"
    waiting = one.start()
    assert waiting.stderr.readline().startswith("waiting for a GPU: 1 of 1 are taken (")
    assert waiting.poll() is None
    one.jobs[0].send_signal(number)
    assert waiting.stdout.readline() == "GPU-a\n"


def test_a_gpu_is_taken_as_long_as_a_process_of_its_job_lives(machine):
    """Such as one that loads images, which the kill of its job has not reached yet."""
    one = machine("GPU-a")
    child = int(one.start(program=FORKS).stdout.readline())
    assert child > 1
    one.jobs[0].kill()
    waiting = one.start()
    assert waiting.stderr.readline().startswith("waiting for a GPU")
    time.sleep(1)
    assert waiting.poll() is None
    os.kill(child, signal.SIGKILL)
    assert waiting.stdout.readline() == "GPU-a\n"


def test_entries_from_outside_are_the_pool_and_are_kept_as_they_are(machine):
    three = machine("GPU-a", "GPU-b", "GPU-c")
    assert three.sees(CUDA_VISIBLE_DEVICES="2,1") == "2"
    assert three.sees(CUDA_VISIBLE_DEVICES="2,1") == "1"
    assert three.sees() == "GPU-a"  # the others are known to be the other two
    assert "2 of 2 are taken" in three.start(CUDA_VISIBLE_DEVICES="2,1").stderr.readline()


def test_mig_parts_are_gpus(machine):
    listing = "GPU 0: A100 (UUID: GPU-a)\n  MIG 3g.20gb Device 0: (UUID: MIG-1)\n  MIG 3g.20gb Device 1: (UUID: MIG-2)"
    divided = machine(listing=listing)
    assert [divided.sees(), divided.sees()] == ["MIG-1", "MIG-2"]


def test_what_slurm_has_given_is_kept(machine):
    """Two jobs see the number 0, each in a group of its own, where SLURM has let it see one GPU alone."""
    hidden = machine(listing="")
    given = {"CUDA_VISIBLE_DEVICES": "0", "SLURM_STEP_GPUS": "3"}
    assert hidden.sees(SLURM_JOB_ID="7", SLURM_STEP_ID="0", **given) == "0"
    assert hidden.sees(SLURM_JOB_ID="8", SLURM_STEP_ID="0", **given) == "0"


def test_jobs_within_one_allocation_of_slurm_share_out_what_it_has(machine):
    four = machine("GPU-a", "GPU-b")
    given = {"CUDA_VISIBLE_DEVICES": "0,1", "SLURM_JOB_ID": "7"}
    assert [four.sees(**given), four.sees(**given)] == ["0", "1"]


def test_a_job_without_a_gpu_sees_none(machine):
    assert machine("GPU-a").sees(0) == ""


def test_a_machine_without_gpus_is_left_alone(machine):
    assert machine(listing="").sees(1) == "not set"


@pytest.mark.parametrize("visible", ["", "-1", "NoDevFiles"])
def test_none_from_outside_is_none(machine, visible):
    assert machine("GPU-a").sees(CUDA_VISIBLE_DEVICES=visible) == visible


def test_of_several_processes_each_keeps_what_their_starter_has_taken(machine):
    assert machine("GPU-a", "GPU-b").sees(1, LOCAL_RANK="1", CUDA_VISIBLE_DEVICES="0,1") == "0,1"


def test_more_than_there_are_is_refused(machine):
    _, errors = machine("GPU-a").start(2).communicate()
    assert "2 GPUs are asked for, and there is 1 here (GPU-a); ask for fewer" in errors


def test_a_folder_of_another_user_is_refused_with_the_variable_that_names_another(machine):
    _, errors = machine("GPU-a").start(WSSS_GPU_FOLDER="/dev/null/slots").communicate()
    assert "/dev/null/slots: not a directory; set WSSS_GPU_FOLDER to a folder of yours" in errors
