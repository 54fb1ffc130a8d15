"""A training on several GPUs: the stage starts itself anew in torchrun, and all its processes hold them."""

from __future__ import annotations

import os
import signal

import pytest

from wsss.errors import InputError
from wsss.gpu import use_gpus
from wsss.gpu.processes import torchrun

# stands in for torchrun, which takes seconds, and starts processes without what is open in it
TRAINING = """
import os, subprocess, sys, time
import wsss.gpu.processes as processes
from wsss.gpu import use_gpus
child = "import os, time; from wsss.gpu import use_gpus; use_gpus('train_seed', 2, True); "
child += "print(os.getpid(), os.environ['CUDA_VISIBLE_DEVICES'], flush=True); time.sleep(60)"
starter = "import os, subprocess, sys, time; os.environ['LOCAL_RANK'] = '0'; "
starter += "subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
processes.torchrun = lambda count, program: [sys.executable, "-c", starter, child]
use_gpus("train_seed", int(sys.argv[1]), True)
"""


def test_gpus_of_a_training_are_taken_until_all_its_processes_are_gone(machine):
    two = machine("GPU-a", "GPU-b")
    child, visible = two.start(2, TRAINING).stdout.readline().split()
    assert visible == "GPU-a,GPU-b"
    two.jobs[0].kill()  # torchrun, by now
    two.jobs[0].wait()
    waiting = two.start()
    assert waiting.stderr.readline().startswith("waiting for a GPU: 2 of 2 are taken")
    os.kill(int(child), signal.SIGKILL)
    assert waiting.stdout.readline() == "GPU-a\n"


def test_the_starter_holds_them_itself(machine):
    two = machine("GPU-a", "GPU-b")
    child, _ = two.start(2, TRAINING).stdout.readline().split()
    os.kill(int(child), signal.SIGKILL)
    assert two.start().stderr.readline().startswith("waiting for a GPU: 2 of 2 are taken")


def test_parts_of_a_divided_gpu_are_refused(machine):
    listing = "GPU 0: A100 (UUID: GPU-a)\n  MIG 3g.20gb Device 0: (UUID: MIG-1)\n  MIG 3g.20gb Device 1: (UUID: MIG-2)"
    _, errors = machine(listing=listing).start(2).communicate()
    assert "2 parts of divided GPUs (MIG) cannot share a training" in errors


def test_a_stage_that_is_no_training_uses_one():
    with pytest.raises(InputError, match="predict uses one GPU, not 2: --gpus 1, or set-resources: predict:gpu=1"):
        use_gpus("predict", 2, several=False)


def test_the_command_is_torchrun_s_with_the_program_s_own():
    words = torchrun(4, ["stages/train_seed.py", "--gpus", "4"])
    assert words[1:4] == ["-m", "torch.distributed.run", "--standalone"]
    assert words[4:] == ["--nproc-per-node=4", "stages/train_seed.py", "--gpus", "4"]
