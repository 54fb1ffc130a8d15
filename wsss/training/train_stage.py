"""What the three training stages share: what to start from, and train, write network and curve, drop the checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from accelerate import PartialState

from wsss.config import Parameters, blocks_of
from wsss.config.blocks import MaskTraining, Training
from wsss.config.paths import expand_path
from wsss.config.start import start_experiment
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.errors import InputError
from wsss.files import VOID, whole_directory
from wsss.models.trained import NETWORK_FILE, normalization
from wsss.models.weights import write_weights
from wsss.parallel import loading_workers
from wsss.product.digest import digest_of
from wsss.training.curve_file import growing_curve, write_curve
from wsss.training.loop import fit
from wsss.training.task import Task
from wsss.training.watch import watcher_of


def start_weights(block: str, settings: Training, given: Path | None = None) -> Path | str | None:
    """Return what a network starts from: the file `given`, or what the block's `weights` stand for.

    That is a file, its variables expanded, "imagenet", or None. `given` may also be the folder of a seed network.
    """
    if given is not None:
        return given / NETWORK_FILE if given.is_dir() else given
    weights = settings.weights
    if start_experiment(weights, own="") is not None:
        raise InputError(f"{block}.weights is {weights}: give the seed network's folder, --weights .../seed_network")
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
) -> int:
    """Train `task.network` on `images` and write `network.safetensors` and `curve.csv` to the folder `out`.

    The checkpoint lies beside `out`, not in it, so that whoever deletes `out` before a rerun (DVC, Snakemake) leaves
    an interrupted training its progress. It serves a training of the same parameters and the same `inputs` alone: the
    files and folders that it starts from, weights and masks. Returns how many images it has trained on.
    """
    checkpoint = out.with_name(f".{out.name}.checkpoint")
    fingerprint = parameters.blocks(blocks_of(stage, parameters))
    fingerprint |= {"images": len(images), "inputs": [_state_of(path) for path in inputs]}
    watcher = watcher_of(parameters, out, images.dataset, images.ids, measures=stage == "train_segmentation")
    rows, seen = fit(task, images, settings, checkpoint, fingerprint, loading_workers(threads), watcher)
    if not PartialState().is_main_process:
        return seen
    with whole_directory(out) as folder:
        metadata = {"stage": stage} | normalization(task.network.backbone)
        write_weights(folder / NETWORK_FILE, task.network.state_dict(), metadata)
        write_curve(folder / "curve.csv", rows)
    for left in (checkpoint, growing_curve(checkpoint)):
        left.unlink(missing_ok=True)
    return seen


def train_on_masks(
    stage: str,
    task: Task,
    dataset: PreparedDataset,
    ids: list[str],
    masks: Path,
    settings: MaskTraining,
    parameters: Parameters,
    weights: Path | str | None,
    out: Path,
    threads: int,
) -> int:
    """Train `task.network`, a backbone and more, on the images `ids` under the class masks `{masks}/{id}.png`.

    Return how many images it has trained on.
    """
    backbone = task.network.backbone
    padding = {"void": VOID, "background": 0}[settings.augmentation.padding]
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std, mask_padding=padding)
    images = TrainingImages(dataset, ids, transform, settings.random_seed, masks=masks)
    return train_stage(stage, task, images, settings, parameters, [weights, masks], out, threads)


def _state_of(path: Path | str | None) -> str:
    """Return what is another when a file or folder holds something else; "imagenet" or None stand for themselves."""
    return str(path) if path in (None, "imagenet") else str(digest_of(Path(path)))
