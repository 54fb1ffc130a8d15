"""The part that the three training stages share: train, write network and curve, drop the checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from accelerate import PartialState

from wsss.config import Parameters, blocks_of
from wsss.config.blocks import SEED_NETWORK, Training
from wsss.config.resolve import expand_path
from wsss.data.training_images import TrainingImages
from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.models.weights import write_weights
from wsss.parallel import loading_workers
from wsss.training import Task, fit


def weights_of(block: str, settings: Training) -> Path | str | None:
    """Return what a block's `weights` stand for: a file with its variables expanded, "imagenet", or None."""
    weights = settings.weights
    if weights == SEED_NETWORK:
        raise InputError(f"{block}.weights is {SEED_NETWORK}: give its file, --weights .../network.safetensors")
    return weights if weights in (None, "imagenet") else expand_path(weights, f"{block}.weights")


def train_stage(
    stage: str,
    task: Task,
    images: TrainingImages,
    settings: Training,
    parameters: Parameters,
    inputs: Sequence[Path | str | None],
    out: Path,
    threads: int,
) -> None:
    """Train `task.network` on `images` and write `network.safetensors` and `curve.csv` to the folder `out`.

    The checkpoint lies beside `out`, not in it, so that whoever deletes `out` before a rerun (DVC, Snakemake) leaves
    an interrupted training its progress. It serves a training of the same parameters and the same `inputs` alone: the
    files and folders that it starts from, weights and masks.
    """
    checkpoint = out.with_name(f".{out.name}.checkpoint")
    fingerprint = parameters.blocks(blocks_of(stage, parameters.segmentation))
    fingerprint |= {"images": len(images), "inputs": [_state_of(path) for path in inputs]}
    rows = fit(task, images, settings, checkpoint, fingerprint, loading_workers(threads))
    if not PartialState().is_main_process:
        return
    with whole_directory(out) as folder:
        write_weights(folder / "network.safetensors", task.network.state_dict(), {"stage": stage})
        pd.DataFrame(rows).to_csv(folder / "curve.csv", index=False)
    checkpoint.unlink(missing_ok=True)


def _state_of(path: Path | str | None) -> tuple:
    """Return what changes when a file or folder is made anew; a name such as "imagenet" stands for itself."""
    if path is None or not Path(path).exists():
        return (str(path),)
    path = Path(path).resolve()
    return str(path), path.stat().st_mtime_ns
