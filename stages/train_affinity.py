"""Train AffinityNet on the confident labels.

python stages/train_affinity.py --dataset mini --data data/mini --labels results/mini/main/affinity_labels \
    --out results/mini/main/affinity_network
"""

from pathlib import Path

import torch

from wsss.affinity.task import AffinityTask
from wsss.config import Parameters
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.models.affinity_network import AffinityNetwork
from wsss.models.create_backbone import create_backbone
from wsss.stage import main
from wsss.train_stage import train_stage, weights_of


def run(
    parameters: Parameters, *, data: Path, labels: Path, out: Path, weights: Path | None = None, threads: int
) -> None:
    """Write `network.safetensors` and `curve.csv` (one row per epoch) to `out`."""
    settings = parameters.affinity
    dataset = PreparedDataset(data)
    torch.manual_seed(settings.random_seed)
    weights = weights or weights_of("affinity", settings)
    backbone = create_backbone(settings.backbone, weights)
    network = AffinityNetwork(backbone, settings.stride)
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std)
    ids = dataset.split(parameters.data.splits.train)
    images = TrainingImages(dataset, ids, transform, settings.random_seed, masks=labels)
    task = AffinityTask(network, settings)
    train_stage("train_affinity", task, images, settings, parameters, [weights, labels], out, threads)


if __name__ == "__main__":
    main(run)
