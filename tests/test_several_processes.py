"""One training shared by several processes, as on several GPUs: the same training."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small import PARAMS, write_dataset

STAGE = Path(__file__).resolve().parent.parent / "stages" / "train_seed.py"
# drop paths and dropout are drawn by each process for itself
NOTHING_DRAWN = "teacher_drop_path=0,drop_path_low=0,drop_path_high=0,dropout_low=0,dropout_high=0"


def curve_of(processes: int, variant: str, folder: Path) -> pd.DataFrame:
    """Train in so many processes, in float32, and return the curve."""
    out = folder / f"{processes}" / "seed_network"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}", STAGE]
    command += ["--params", folder / "params.yaml", "--dataset", "toy", "--data", folder / "data", "--out", out]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    done = subprocess.run([*command, "--variant", variant], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return pd.read_csv(out / "curve.csv")


@pytest.mark.parametrize("regularization", ["aa", "oaa"])
def test_two_processes_train_as_one_does(tmp_path, regularization):
    (tmp_path / "params.yaml").write_text(PARAMS)
    write_dataset(tmp_path / "data")
    labels = tmp_path / "data" / "labels.csv"  # not as many to each image, so that means of means would show
    labels.write_text(labels.read_text().replace("i0,1,0,0", "i0,1,1,1").replace("i4,0,1,0", "i4,1,1,0"))
    # batch norms would see half a batch each
    variant = f"regularization={regularization},freeze=batch_norm,{NOTHING_DRAWN}"
    one, two = (curve_of(processes, variant, tmp_path) for processes in (1, 2))
    assert one["loss"].nunique() == len(one) == 3
    # in the third epoch they differ: oaa's mean is over what was seen, of which the halves of a batch have unequal parts
    pd.testing.assert_frame_equal(two[:2], one[:2], rtol=1e-3)
