"""Train the segmentation network on masks: those made from the seeds, or, without --masks, the true ones.

python stages/train_segmentation.py --dataset mini --data data/mini --masks results/mini/main/masks \
    --out results/mini/main/segmentation_network
"""

from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.models.segmentation_network import create_segmentation_network
from wsss.segmentation.task import SegmentationTask
from wsss.stage import main
from wsss.training.train_stage import start_weights, train_on_masks


def run(
    parameters: Parameters,
    *,
    data: Path,
    masks: Path | None = None,
    out: Path,
    weights: Path | None = None,
    threads: int,
) -> int:
    """Write `network.safetensors` and `curve.csv` (one row per epoch) to `out`; return how many images it saw."""
    settings = parameters.segmentation
    dataset = PreparedDataset(data)
    torch.manual_seed(settings.random_seed)
    start = start_weights("segmentation", settings, weights)
    network = create_segmentation_network(settings, len(dataset.classes), start)
    task = SegmentationTask(network, settings.loss_scales or ())
    ids = dataset.split(parameters.data.splits.train)
    if settings.supervision == "ground_truth":
        ids = [image_id for image_id in ids if dataset.has_mask(image_id)]
    elif masks is None:
        raise InputError("segmentation.supervision is masks: give the folder that make_mask.py has written, --masks")
    masks = masks or data / "masks"
    return train_on_masks("train_segmentation", task, dataset, ids, masks, settings, parameters, start, out, threads)


if __name__ == "__main__":
    main(run)
