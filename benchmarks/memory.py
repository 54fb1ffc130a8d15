"""Peak memory of extraction, refinement and evaluation at 2,000 images, against that at 50: both are to be the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch
import yaml

from benchmarks.comparison import Comparison
from wsss.config import read_params
from wsss.config.resolve import resolve
from wsss.data.layouts.mini import prepare_mini
from wsss.models.affinity_network import create_affinity_network
from wsss.models.weights import write_weights
from wsss.plan import ROWS
from wsss.seed.create_network import create_seed_network

FEW, MANY, SIDE = 50, 2000, 64


def run(folder: Path) -> list[Comparison]:
    """Run the five stages with untrained networks on 50 and on 2,000 scenes, each in a process of its own."""
    peaks = {count: _peaks(folder / str(count), count) for count in (FEW, MANY)}
    return [
        Comparison(
            f"peak memory of {stage}", f"{MANY:,} images of {SIDE}×{SIDE}", f"{FEW} images", many, few, "MB", 0.9
        )
        for (stage, few), many in zip(peaks[FEW].items(), peaks[MANY].values(), strict=True)
    ]


def _peaks(folder: Path, count: int) -> dict[str, float]:
    folder.mkdir()
    data, params = folder / "data", folder / "params.yaml"
    data.mkdir()
    params.write_text(yaml.safe_dump(read_params("params.yaml")))
    parameters = resolve(read_params(params), "mini", "main")
    prepare_mini(data, 0, {"train": count, "val": 0, "test": 0}, SIDE, threads=2)
    torch.manual_seed(0)
    seed_network = create_seed_network(parameters.seed, 6)
    affinity_network = create_affinity_network(parameters.affinity)
    for name, network in (("seed_network", seed_network), ("affinity_network", affinity_network)):
        (folder / name).mkdir()
        write_weights(folder / name / "network.safetensors", network.state_dict(), {})
    given = {name: folder / name for name in ("seeds", "masks", "affinity_network")}
    stages = {
        "extract_seed": {"network": folder / "seed_network", "out": given["seeds"]},
        "evaluate_seed": {"step": "evaluate_seed", "made": given["seeds"], "out": folder / "seeds.json"},
        "label_affinity": {"seeds": given["seeds"], "out": folder / "labels"},
        "make_mask": {"seeds": given["seeds"], "network": given["affinity_network"], "out": given["masks"]},
        "evaluate_mask": {"step": "evaluate_mask", "made": given["masks"], "out": folder / "masks.json"},
    }
    return {
        stage: peak(stage, {"dataset": "mini", "data": data, "params": params} | options)
        for stage, options in stages.items()
    }


def peak(stage: str, options: dict) -> float:
    """Return the peak resident memory of a stage's largest process, in MB."""
    arguments = [f"--{name}={value}" for name, value in options.items()]
    measured = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL,"
        " stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000)"
    )
    command = [
        sys.executable,
        "-c",
        measured,
        sys.executable,
        f"stages/{ROWS[stage].program or stage}.py",
        *arguments,
        "--threads=1",
    ]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
