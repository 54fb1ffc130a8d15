"""Images per second of the train loop, loading and augmenting included, against a plain loop over images in memory.

Where there is a teacher, the plain loop has one further forward pass for it, and nothing else.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from benchmarks.comparison import Comparison
from benchmarks.photos import photos
from wsss.config import Parameters, read_params
from wsss.config.resolve import resolve
from wsss.data.augment import TrainTransform
from wsss.data.training_images import TrainingImages
from wsss.device import inference_precision
from wsss.models.create_backbone import create_backbone
from wsss.models.freeze import freeze
from wsss.models.seed_network import create_seed_network
from wsss.seed.task import SeedTask
from wsss.training import fit, make_optimizer


def run(folder: Path) -> list[Comparison]:
    """Train the paper's two seed networks at full size for a few steps."""
    return [
        _compare(folder, "deit_small_patch16_224", 224, batch=4, steps=10),
        _compare(folder, "resnet38", 448, batch=1, steps=3),
    ]


def _compare(folder: Path, backbone: str, crop: int, batch: int, steps: int) -> Comparison:
    """Compare the loops over `steps` steps, timed after a first one."""
    dataset = photos(folder)
    overrides = {"seed.backbone": backbone, "seed.weights": None, "seed.batch_size": batch, "seed.epochs": 1}
    parameters = resolve(read_params("params.yaml"), "voc", overrides)
    ours = _our_loop(parameters, dataset, folder, (steps + 1) * batch)
    plain = _plain_loop(parameters, len(dataset.classes), crop, steps)
    # seconds per image, so that the ratio is that of the images per second: ours over the plain loop's
    size = f"{backbone} at {crop}, with teacher, batch {batch}, images/s {1 / ours:.3g} and {1 / plain:.3g}"
    return Comparison("training", size, "a plain loop, images in memory", ours, plain, "s/image", 0.9)


def _network(parameters: Parameters, classes: int):
    settings = parameters.seed
    torch.manual_seed(0)
    backbone = create_backbone(settings.backbone, None, settings.output_stride)
    return backbone, create_seed_network(backbone, classes, settings)


def _our_loop(parameters: Parameters, dataset, folder: Path, count: int) -> float:
    settings = parameters.seed
    backbone, network = _network(parameters, len(dataset.classes))
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std)
    images = TrainingImages(dataset, dataset.split("train")[:count], transform, 0)
    task, times = SeedTask(network, settings), []
    after_step = task.after_step

    def timed_after_step() -> None:
        after_step()
        times.append(time.perf_counter())

    task.after_step = timed_after_step
    fit(task, images, settings, folder / "checkpoint", {}, workers=0)
    return _per_image(times, settings.batch_size)


def _plain_loop(parameters: Parameters, classes: int, crop: int, steps: int) -> float:
    settings = parameters.seed
    _, network = _network(parameters, classes)
    _, teacher = _network(parameters, classes)
    freeze(network, settings.freeze)
    network.train().to(memory_format=torch.channels_last)
    teacher.train().to(memory_format=torch.channels_last)
    optimizer = make_optimizer(network, settings.optimizer, settings.batch_size)
    images = torch.randn(settings.batch_size, 3, crop, crop).contiguous(memory_format=torch.channels_last)
    labels = torch.ones(settings.batch_size, classes)
    times = []
    for _ in range(steps + 1):
        with inference_precision(images.device, network):  # the precision that our loop trains in
            with torch.no_grad():
                teacher(images)
            loss = binary_cross_entropy_with_logits(network(images).float().mean((2, 3)), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(time.perf_counter())
    return _per_image(times, settings.batch_size)


def _per_image(times: list[float], batch: int) -> float:
    return statistics.median(after - before for before, after in zip(times, times[1:], strict=False)) / batch
