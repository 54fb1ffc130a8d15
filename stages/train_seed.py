"""Train the seed network from image-level labels.

python stages/train_seed.py --dataset mini --data data/mini --out results/mini/main/seed_network
"""

from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import create_seed_network
from wsss.seed.task import SeedTask
from wsss.stage import main
from wsss.train_stage import train_stage, weights_of


def run(parameters: Parameters, *, data: Path, out: Path, weights: Path | None = None, threads: int) -> None:
    """Write `network.safetensors` and `curve.csv` (one row per epoch) to `out`."""
    settings = parameters.seed
    dataset = PreparedDataset(data)
    torch.manual_seed(settings.random_seed)
    weights = weights or weights_of("seed", settings)
    backbone = create_backbone(settings.backbone, weights, settings.output_stride)
    network = create_seed_network(backbone, len(dataset.classes), settings)
    located = settings.regularization == "oaa"  # it maps every crop back to its image
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std, keep_geometry=located)
    images = TrainingImages(dataset, dataset.split(parameters.data.splits.train), transform, settings.random_seed)
    train_stage("train_seed", SeedTask(network, settings), images, settings, parameters, [weights], out, threads)


if __name__ == "__main__":
    main(run)
