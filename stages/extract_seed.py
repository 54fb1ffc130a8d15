"""Extract seeds of the training images from the trained seed network: one .npz per image.

python stages/extract_seed.py --dataset mini --data data/mini --network results/mini/main/seed_network \
    --out results/mini/main/seeds
"""

from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_device, inference_precision
from wsss.files import whole_directory
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import create_seed_network
from wsss.models.weights import load_network
from wsss.parallel import loading_workers
from wsss.progress import progress
from wsss.seed.extraction import extract_seeds
from wsss.seed_file import write_seed
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, network: Path, out: Path, threads: int) -> None:
    """Write `{id}.npz` for every image of the splits train and evaluate to `out`."""
    settings, device = parameters.seed, inference_device()
    dataset = PreparedDataset(data)
    ids = dataset.union(parameters.data.splits.train, parameters.data.splits.evaluate)
    backbone = create_backbone(settings.backbone, None, settings.output_stride)
    seed_network = create_seed_network(backbone, len(dataset.classes), settings)
    load_network(seed_network, network / "network.safetensors")
    seed_network.eval().to(device)
    count, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, loading_workers(threads))
    with whole_directory(out) as folder, inference_precision(device, seed_network):
        for batch_ids, images in progress(batches, count, "extracting seeds"):
            labels = torch.as_tensor(dataset.labels(batch_ids))
            seeds = extract_seeds(
                seed_network, images.to(device), labels.to(device), parameters.extract, settings.background_logit
            ).cpu()
            for image_id, label, maps in zip(batch_ids, labels, seeds, strict=True):
                present = torch.nonzero(label)[:, 0]
                write_seed(
                    folder / f"{image_id}.npz",
                    (present + 1).numpy(),
                    maps[present].half().numpy(),
                    tuple(images.shape[-2:]),
                )


if __name__ == "__main__":
    main(run)
