"""Train the segmentation network on masks: those made from the seeds, or the true ones.

python stages/train_segmentation.py --dataset mini --data data/mini --masks results/mini/main/masks \
    --out results/mini/main/segmentation_network
"""

from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.models.create_backbone import create_backbone
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.segmentation.task import SegmentationTask
from wsss.stage import main
from wsss.train_stage import train_stage, weights_of


def run(
    parameters: Parameters, *, data: Path, masks: Path, out: Path, weights: Path | None = None, threads: int
) -> None:
    """Write `network.safetensors` and `curve.csv` (one row per epoch) to `out`."""
    settings = parameters.segmentation
    dataset = PreparedDataset(data)
    torch.manual_seed(settings.random_seed)
    weights = weights or weights_of("segmentation", settings)
    backbone = create_backbone(settings.backbone, weights, settings.output_stride)
    network = SegmentationNetwork(backbone, len(dataset.classes) + 1, settings.head, settings.output_stride)
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std)
    ids = dataset.split(parameters.data.splits.train)
    if settings.supervision == "ground_truth":
        ids = [image_id for image_id in ids if dataset.has_mask(image_id)]
    images = TrainingImages(dataset, ids, transform, settings.random_seed, masks=masks)
    task = SegmentationTask(network)
    train_stage("train_segmentation", task, images, settings, parameters, [weights, masks], out, threads)


if __name__ == "__main__":
    main(run)
