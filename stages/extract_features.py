"""Extract the feature maps of the images that the figures show: the mean over channels, one .npy per image.

python stages/extract_features.py --dataset mini --data data/mini --network results/mini/main/seed_network \
    --out results/mini/main/features
"""

from pathlib import Path

import numpy as np
import torch

from wsss.config import Parameters
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_precision
from wsss.figures.shown_images import shown_ids
from wsss.files import whole_directory
from wsss.models.trained import open_trained
from wsss.seed.create_network import create_seed_network
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, network: Path, images: int = 6, out: Path, threads: int) -> None:
    """Write `{id}.npy`, (h, w) float32 at the network's stride, for up to `images` images to `out`."""
    dataset = PreparedDataset(data)
    seed_network = create_seed_network(parameters.seed, len(dataset.classes))
    device, backbone = open_trained(seed_network, network), seed_network.backbone
    ids = shown_ids(dataset, dataset.masked(parameters.data.splits.shown), images)
    _, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, 0)
    with whole_directory(out) as folder, torch.inference_mode(), inference_precision(device, seed_network):
        for batch_ids, pixels in batches:
            maps = backbone(pixels.to(device)).float().mean(1).cpu().numpy()
            for image_id, one in zip(batch_ids, maps, strict=True):
                np.save(folder / f"{image_id}.npy", one)


if __name__ == "__main__":
    main(run)
