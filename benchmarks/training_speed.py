"""Images per second of the train loop, loading and augmenting included, against a plain loop over images in memory.

The plain loop trains the same network, with the drop path and the dropout of the student at its strongest; where there
is a teacher, it has one further forward pass for it, and nothing else. The two take turns, a step each, so that
whatever else the machine does meets both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.comparison import Comparison, elapsed
from benchmarks.photos import photos
from wsss.config import read_params
from wsss.config.blocks import Seed
from wsss.config.resolve import resolve
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.device import inference_precision
from wsss.models.freeze import freeze
from wsss.seed.create_network import create_seed_network
from wsss.seed.task import SeedTask
from wsss.training.loop import fit
from wsss.training.optimizer import make_optimizer


def run(folder: Path) -> list[Comparison]:
    """Train the paper's two seed networks at full size for a few steps."""
    return [
        _compare(folder, "deit_small_patch16_224", batch=8, steps=12),
        _compare(folder, "resnet38", batch=1, steps=6),
    ]


def _compare(folder: Path, backbone: str, batch: int, steps: int) -> Comparison:
    """Compare the loops over `steps` steps, timed after a first one."""
    dataset = photos(folder, count=(steps + 1) * batch)
    overrides = {"seed.backbone": backbone, "seed.weights": None, "seed.batch_size": batch, "seed.epochs": 1}
    settings = resolve(read_params("params.yaml"), "voc", overrides).seed
    task, plain_step = _task(settings, dataset), _plain_loop(_task(settings, dataset))
    transform = TrainTransform(settings.augmentation, task.network.backbone.mean, task.network.backbone.std)
    images = TrainingImages(dataset, dataset.split("train"), transform, 0)
    ours, plain = [], []
    after_step = task.after_step

    def take_turns() -> None:
        after_step()
        ours.append(time.perf_counter() - started[0])
        plain.append(elapsed(plain_step))
        started[0] = time.perf_counter()

    started = [time.perf_counter()]
    task.after_step = take_turns
    fit(task, images, settings, folder / "checkpoint", {}, workers=0)
    # seconds per image, so that the ratio is that of the images per second: ours over the plain loop's
    seconds = [statistics.median(times[1:]) / batch for times in (ours, plain)]
    size = f"{backbone} at {settings.augmentation.crop_size}, with teacher, batch {batch}"
    size += f", images/s {1 / seconds[0]:.3g} and {1 / seconds[1]:.3g}"
    return Comparison("training", size, "a plain loop, images in memory", *seconds, "s/image", 0.9)


def _task(settings: Seed, dataset: PreparedDataset) -> SeedTask:
    torch.manual_seed(0)
    return SeedTask(create_seed_network(settings, len(dataset.classes)), settings)


def _plain_loop(task: SeedTask) -> Callable[[], None]:
    """Return a step of the plain loop."""
    settings, network, teacher = task.settings, task.network, task.regularization.teacher.module
    freeze(network, settings.freeze)
    for model in (network, teacher):
        model.to(memory_format=torch.channels_last)
    optimizer = make_optimizer(network, settings.optimizer, settings.batch_size)
    side = settings.augmentation.crop_size
    images = torch.randn(settings.batch_size, 3, side, side).contiguous(memory_format=torch.channels_last)
    labels = torch.ones(settings.batch_size, network.head.out_channels)

    def step() -> None:
        with inference_precision(images.device, network):  # the precision that our loop trains in
            with torch.no_grad():
                teacher(images)
            loss = binary_cross_entropy_with_logits(network(images).float().mean((2, 3)), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    network.train()
    network.adjust(settings.drop_path_high, settings.dropout_high)
    return step
