"""Confident labels by two workers, against two whole dense CRFs for one image after the other (as published)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from benchmarks.comparison import Comparison, seconds
from benchmarks.photos import photos, write_seeds
from stages.label_affinity import run as label_affinity
from wsss.affinity.random_walk import with_background
from wsss.config import Parameters, read_params
from wsss.config.resolve import resolve
from wsss.crf import dense_crf
from wsss.data.prepared import PreparedDataset
from wsss.files import read_mask, write_mask
from wsss.seed.seed_file import read_seed, seed_at_full_size

PHOTOS = 200


def run(folder: Path) -> list[Comparison]:
    """Run the stage, the start of its two processes included."""
    dataset = photos(folder, PHOTOS)
    params = read_params("params.yaml")
    params["datasets"]["voc"]["data"]["splits"]["train"] = "train"
    parameters = resolve(params, "voc", "main")
    seeds = write_seeds(dataset, folder / "seeds_to_label")
    ours, published = folder / "labels", folder / "published_labels"
    published.mkdir()
    times = seconds(
        lambda: label_affinity(parameters, data=dataset.root, seeds=seeds, out=ours, threads=2),
        lambda: _one_by_one(dataset, parameters, seeds, published),
        repeat=1,
    )
    for image_id in dataset.split("train"):
        assert np.array_equal(read_mask(ours / f"{image_id}.png"), read_mask(published / f"{image_id}.png"))
    return [Comparison("confident labels, 2 workers", f"{PHOTOS} photos", "one after the other", *times, "s", 1.8)]


def _one_by_one(dataset: PreparedDataset, parameters: Parameters, seeds: Path, out: Path) -> None:
    settings = parameters.affinity_labels
    for image_id in dataset.split("train"):
        image, seed = dataset.image(image_id), read_seed(seeds / f"{image_id}.npz")
        maps = torch.from_numpy(seed_at_full_size(seed))
        generous, strict = (
            dense_crf(image, with_background(maps, alpha).numpy(), settings.crf).argmax(0)
            for alpha in (settings.low_alpha, settings.high_alpha)
        )
        labels = np.append(255, seed.classes).astype(np.uint8)[generous]
        labels[strict == 0] = 0
        write_mask(out / f"{image_id}.png", labels)
