"""One training shared by several processes, as on several GPUs: the same training."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from paths import REPOSITORY
from small import PARAMS, write_dataset

pytestmark = pytest.mark.slow

STAGES = REPOSITORY / "stages"
# drop paths and dropout are drawn by each process for itself, and batch norms would see its images alone
ALIKE = "freeze=batch_norm,teacher_drop_path=0,drop_path_low=0,drop_path_high=0,dropout_low=0,dropout_high=0"


AGREEMENTS = """
import torch
from accelerate import PartialState
from wsss.training.several_processes import average_buffers, shared_mean

number = PartialState(cpu=True).process_index
norm = torch.nn.BatchNorm2d(1)
norm.running_mean.fill_(number)
average_buffers(norm)
assert norm.running_mean.item() == 0.5
assert norm.num_batches_tracked.item() == 0
norm.eval().running_mean.fill_(number)  # frozen, and hence the same everywhere: nothing is sent
average_buffers(norm)
assert norm.running_mean.item() == number
# the mean over 1, 2 | 9 is 4; that of the processes' values stands for it
total, count = [(3.0, 2), (9.0, 1)][number]
assert shared_mean(torch.tensor(total), torch.tensor(count)).item() == [2.0, 6.0][number]
assert shared_mean(torch.tensor(0.0), torch.tensor(0)).item() == 0
PartialState().destroy_process_group()
"""


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "params.yaml").write_text(PARAMS)
    write_dataset(tmp_path / "data")
    labels = tmp_path / "data" / "labels.csv"  # not as many to each image, so that means of means would show
    labels.write_text(labels.read_text().replace("i0,1,0,0", "i0,1,1,1").replace("i4,0,1,0", "i4,1,1,0"))
    return tmp_path


def run(processes: int, *command: object) -> subprocess.CompletedProcess:
    """Run a Python program in so many processes, in float32."""
    several = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
    return start([*several, *map(str, command)])


def start(command: list[str]) -> subprocess.CompletedProcess:
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def train(stage: str, processes: int, folder: Path, variant: str, *options: object) -> subprocess.CompletedProcess:
    """Train in so many processes."""
    inputs = ("--params", folder / "params.yaml", "--data", folder / "data", *options)
    out = folder / f"by{processes}"
    return run(processes, STAGES / f"{stage}.py", "--dataset", "toy", "--variant", variant, *inputs, "--out", out)


def curves(stage: str, folder: Path, variant: str, *options: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the curves of a training by one process and by two."""
    for processes in (1, 2):
        done = train(stage, processes, folder, variant, *options)
        assert done.returncode == 0, done.stderr
    one, two = (pd.read_csv(folder / f"by{processes}" / "curve.csv") for processes in (1, 2))
    assert one["loss"].nunique() == len(one) > 1
    return one, two


@pytest.mark.parametrize("regularization", ["gt", "oaa", "aa"])
def test_two_processes_train_a_seed_network_as_one_does(folder, regularization):
    one, two = curves("train_seed", folder, f"regularization={regularization},{ALIKE}")
    pd.testing.assert_frame_equal(two, one, rtol=1e-3)


def test_batch_norms_are_averaged_and_means_are_over_all_processes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(AGREEMENTS)
    done = run(2, script)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("backbone", ["tiny_cnn", "mobilenetv3_small_050"])  # of the latter a layer is not used
def test_two_processes_train_affinitynet_as_one_does(folder, backbone):
    variant = f"affinity.backbone={backbone},affinity.epochs=2,affinity.freeze=batch_norm,affinity.optimizer.lr=0.001"
    one, two = curves("train_affinity", folder, variant, "--labels", folder / "data" / "masks")
    pd.testing.assert_frame_equal(two, one, rtol=1e-3)


def test_a_stage_that_is_given_two_gpus_goes_on_as_two_processes_and_its_record_does_not_tell(folder):
    """Here they are two processes on the processor."""
    variant = (
        "segmentation.head=aspp,segmentation.epochs=2,segmentation.freeze=batch_norm,segmentation.optimizer.lr=0.001"
    )
    options = ["--dataset", "toy", "--variant", variant, "--params", folder / "params.yaml", "--data", folder / "data"]
    options += ["--masks", folder / "data/masks"]
    curves, records = [], []
    for gpus in (1, 2):
        program = [sys.executable, STAGES / "train_segmentation.py", *options]
        done = start([*map(str, program), "--gpus", str(gpus), "--out", str(folder / f"by{gpus}")])
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("train_segmentation.py --dataset toy") == 1  # the log says the command once
        curves.append(pd.read_csv(folder / f"by{gpus}/curve.csv"))
        records.append(json.loads((folder / f"by{gpus}.run.json").read_text()))
    assert "2 processes share what torch finds" in done.stderr
    assert done.stderr.count("epoch 2, ") == 1  # each for itself, they would both write
    pd.testing.assert_frame_equal(curves[1], curves[0], rtol=1e-3)
    for of_settings in ("settings", "options", "parameters", "inputs"):
        assert records[0].get(of_settings) == records[1].get(of_settings)


@pytest.mark.parametrize("batch_size", [3, 8])
def test_batches_that_two_processes_cannot_share_are_refused(folder, batch_size):
    done = train("train_seed", 2, folder, f"batch_size={batch_size}")
    assert done.returncode != 0
    assert f"batch_size: 2 processes cannot share batches of {batch_size} from 6 images" in done.stderr
