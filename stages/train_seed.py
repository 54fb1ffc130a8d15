"""Train the seed network from image-level labels.

python stages/train_seed.py --dataset mini --data data/mini --out results/mini/main/seed_network
"""

from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.seed.create_network import create_seed_network
from wsss.seed.task import SeedTask
from wsss.stage import main
from wsss.training.train_stage import start_weights, train_stage


def run(parameters: Parameters, *, data: Path, out: Path, weights: Path | None = None, threads: int) -> int:
    """Write `network.safetensors` and `curve.csv` (one row per epoch) to `out`; return how many images it saw."""
    settings = parameters.seed
    dataset = PreparedDataset(data)
    torch.manual_seed(settings.random_seed)
    start = start_weights("seed", settings, weights)
    network = create_seed_network(settings, len(dataset.classes), start)
    task, backbone = SeedTask(network, settings, parameters.extract), network.backbone
    keep = task.regularization.locates_crops
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std, keep_geometry=keep)
    images = TrainingImages(dataset, dataset.split(parameters.data.splits.train), transform, settings.random_seed)
    return train_stage("train_seed", task, images, settings, parameters, [start], out, threads)


if __name__ == "__main__":
    main(run)
