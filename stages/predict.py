"""Segment the images of a split: multi-scale inference, then a dense CRF unless `predict.crf` is null.

python stages/predict.py --dataset mini --data data/mini --network results/mini/main/segmentation_network \
    --split val --out results/mini/main/predictions/val

With --part 2-of-7, that part of the images; --parts gathers what was made of all.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from wsss.config import Parameters
from wsss.config.blocks import Crf
from wsss.crf import prepare
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_precision
from wsss.errors import InputError
from wsss.files import whole_directory, write_mask
from wsss.models.segmentation_network import create_segmentation_network
from wsss.models.trained import open_trained
from wsss.parallel import loading_workers, parallel
from wsss.parts import part_named
from wsss.progress import progress
from wsss.segmentation.inference import classes_in_play, predict_probabilities, refine
from wsss.stage import main


def run(
    parameters: Parameters,
    *,
    data: Path,
    network: Path,
    split: str,
    out: Path,
    part: str | None = None,
    threads: int,
) -> int:
    """Write `{id}.png` for every image of the split (val, test or train) to `out`; return how many."""
    dataset = PreparedDataset(data)
    if split not in ("val", "test", "train"):
        raise InputError(f"--split {split}: choose val, test or train")
    name = getattr(parameters.data.splits, split)
    if name is None:
        raise InputError(f"datasets.{parameters.dataset}.data.splits.{split} is null: this data set has no such split")
    segmentation = create_segmentation_network(parameters.segmentation, len(dataset.classes))
    device, backbone = open_trained(segmentation, network), segmentation.backbone
    ids, workers = dataset.split(name), loading_workers(threads)
    names, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, workers, part_named(part))
    count = sum(map(len, names))

    crf = parameters.predict.crf
    if crf is not None:
        prepare()  # once, before each process would

    def probabilities() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        for batch_ids, images in batches:
            scores = predict_probabilities(segmentation, images.to(device), parameters.predict)
            for image_id, of_image in zip(batch_ids, scores, strict=True):
                classes = classes_in_play(of_image, crf)
                yield image_id, classes.cpu().numpy(), of_image[classes].cpu().numpy()

    with whole_directory(out) as folder, inference_precision(device, segmentation):
        write = partial(_write, dataset, crf, folder)
        written = parallel(write, probabilities(), threads if crf else 1)
        empty = sum(not found for found in progress(written, count, f"segmenting {name}"))
    if empty > count / 2:
        print(warning_of_empty(empty, count))
    return count


def warning_of_empty(empty: int, images: int) -> str:
    """Return what is said where most predictions hold nothing."""
    return (
        f"warning: {empty} of {images} predictions are background alone: the network has hardly learnt the classes; "
        "look at the masks that it was trained on"
    )


def _write(dataset: PreparedDataset, crf: Crf | None, folder: Path, image: tuple[str, np.ndarray, np.ndarray]) -> bool:
    """Return whether anything but background was found."""
    image_id, classes, scores = image
    if crf is not None:
        scores = refine(dataset.image(image_id), scores, crf)
    mask = classes[scores.argmax(0)]
    write_mask(folder / f"{image_id}.png", mask)
    return bool(mask.any())


if __name__ == "__main__":
    main(run)
