"""Segment the images of a split: multi-scale inference, then a dense CRF unless `predict.crf` is null.

python stages/predict.py --dataset mini --data data/mini --network results/mini/main/segmentation_network \
    --split val --out results/mini/main/predictions/val
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from wsss.config import Parameters
from wsss.config.blocks import Crf
from wsss.crf import crf_winners
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_device, inference_precision
from wsss.errors import InputError
from wsss.files import whole_directory, write_mask
from wsss.models.create_backbone import create_backbone
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.models.weights import load_network
from wsss.parallel import parallel
from wsss.progress import progress
from wsss.segmentation.inference import predict_probabilities
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, network: Path, split: str, out: Path, threads: int) -> None:
    """Write `{id}.png` for every image of the split (val or test) to `out`."""
    settings, device = parameters.segmentation, inference_device()
    dataset = PreparedDataset(data)
    if split not in ("val", "test"):
        raise InputError(f"--split {split}: choose val or test")
    name = getattr(parameters.data.splits, split)
    if name is None:
        raise InputError(f"datasets.{parameters.dataset}.data.splits.{split} is null: this data set has no such split")
    ids = dataset.split(name)
    backbone = create_backbone(settings.backbone, None, settings.output_stride)
    segmentation = SegmentationNetwork(backbone, len(dataset.classes) + 1, settings.head, settings.output_stride)
    load_network(segmentation, network / "network.safetensors")
    segmentation.eval().to(device)
    _, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, threads if threads > 2 else 0)

    def probabilities() -> Iterator[tuple[str, np.ndarray]]:
        for batch_ids, images in batches:
            scores = predict_probabilities(segmentation, images.to(device), parameters.predict)
            yield from zip(batch_ids, scores.cpu().numpy(), strict=True)

    with whole_directory(out) as folder, inference_precision(device, segmentation):
        write = partial(_write, dataset, parameters.predict.crf, folder)
        processes = threads if parameters.predict.crf else 1
        for _ in progress(parallel(write, probabilities(), processes), len(ids), f"segmenting {name}"):
            pass


def _write(dataset: PreparedDataset, crf: Crf | None, folder: Path, image: tuple[str, np.ndarray]) -> None:
    image_id, scores = image
    winners = scores.argmax(0) if crf is None else crf_winners(dataset.image(image_id), scores, crf)
    write_mask(folder / f"{image_id}.png", winners)


if __name__ == "__main__":
    main(run)
