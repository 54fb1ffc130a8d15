"""Confident labels, two dense CRFs an image, by two workers against one image after the other."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks.comparison import Comparison, seconds
from benchmarks.photos import TRAIN, photos, write_seeds
from stages.label_affinity import run as label_affinity
from wsss.config import read_params
from wsss.config.resolve import resolve


def run(folder: Path) -> list[Comparison]:
    """Run the stage with 2 threads and with 1, the start of its processes included."""
    dataset = photos(folder)
    params = read_params("params.yaml")
    params["datasets"]["voc"]["data"]["splits"]["train"] = "train"
    parameters = resolve(params, "voc", "main")
    seeds = write_seeds(dataset, folder / "seeds")
    label = partial(label_affinity, parameters, data=dataset.root, seeds=seeds, out=folder / "labels")
    times = seconds(lambda: label(threads=2), lambda: label(threads=1), repeat=1)
    work = f"{TRAIN} photos"
    return [Comparison("confident labels, 2 workers", work, "one image after the other", *times, "s", 1.8)]
