"""The programs of stages: importing one does not look for GPUs, as its first look is its last."""

import subprocess
import sys

import pytest
from paths import REPOSITORY

from wsss.config.stages import ON_GPU

IMPORTS = """
import importlib, sys, traceback
import torch

def looked(*_):
    sys.exit("".join(traceback.format_stack()[-3:]))

for name in ("is_available", "device_count", "init", "_lazy_init"):
    setattr(torch.cuda, name, looked)
for name in sys.argv[1:]:
    importlib.import_module(f"stages.{name}")
"""


@pytest.mark.slow  # they load torch, timm and more
def test_no_program_looks_for_gpus_before_it_has_taken_some():
    done = subprocess.run([sys.executable, "-c", IMPORTS, *ON_GPU], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_stage_on_gpus_is_a_program():
    assert all((REPOSITORY / "stages" / f"{name}.py").is_file() for name in ON_GPU)
