"""The stages that use the dense CRF, as a whole: as they are, and with pydensecrf2 in its place."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

from benchmarks import reference_crf, stages_before
from benchmarks.comparison import Comparison, seconds
from benchmarks.photos import photos, write_seeds
from stages import label_affinity, predict
from wsss.config import Parameters, read_params
from wsss.config.resolve import resolve
from wsss.crf import prepare
from wsss.data.prepared import PreparedDataset
from wsss.files import read_mask
from wsss.models.segmentation_network import create_segmentation_network
from wsss.models.weights import write_weights

PHOTOS = 200


def run(folder: Path) -> list[Comparison]:
    """Run both stages with two processes, their start included."""
    if reference_crf.densecrf is None:
        print("stages: not measured, as pydensecrf2 is not installed (pip install .[reference])", file=sys.stderr)
        return []
    prepare()
    dataset = photos(folder, PHOTOS)
    params = read_params("params.yaml")
    splits = params["datasets"]["voc"]["data"]["splits"]
    splits["train"] = splits["val"] = "train"
    variant = "predict.scales=1.0,predict.flip=false,segmentation.backbone=tiny_cnn,segmentation.weights=null"
    parameters = resolve(params, "voc", variant)
    return [_label_affinity(folder, dataset, parameters), _predict(folder, dataset, parameters)]


def _label_affinity(folder: Path, dataset: PreparedDataset, parameters: Parameters) -> Comparison:
    seeds = write_seeds(dataset, folder / "seeds_to_label")

    def stage(out: str) -> None:
        label_affinity.run(parameters, data=dataset.root, seeds=seeds, out=folder / out, threads=2)

    def before() -> None:
        with patch.object(label_affinity, "_label", stages_before.label):
            stage("labels_before")

    times = seconds(lambda: stage("labels"), before, repeat=1)
    _check_same(dataset, folder / "labels", folder / "labels_before")
    size = f"{PHOTOS} photos, 2 workers"
    return Comparison("stage label_affinity", size, "pydensecrf2 twice, 2 workers", *times, "s", None)


def _predict(folder: Path, dataset: PreparedDataset, parameters: Parameters) -> Comparison:
    network = create_segmentation_network(parameters.segmentation, len(dataset.classes))
    (folder / "network").mkdir()
    write_weights(folder / "network" / "network.safetensors", network.state_dict(), {})

    def stage(out: str) -> None:
        predict.run(parameters, data=dataset.root, network=folder / "network", split="val", out=folder / out, threads=2)

    def before() -> None:
        with (
            patch.object(predict, "classes_in_play", stages_before.classes_in_play),
            patch.object(predict, "_write", stages_before.write),
        ):
            stage("predictions_before")

    times = seconds(lambda: stage("predictions"), before, repeat=1)
    _check_same(dataset, folder / "predictions", folder / "predictions_before")
    size = f"{PHOTOS} photos, {len(dataset.classes) + 1} classes, a tiny network without training, 2 workers"
    return Comparison("stage predict", size, "pydensecrf2, 2 workers", *times, "s", None)


def _check_same(dataset: PreparedDataset, one: Path, other: Path) -> None:
    """Refuse to report times of works that differ at more than 1 of 10,000 pixels."""
    pairs = ((read_mask(place / f"{image_id}.png") for place in (one, other)) for image_id in dataset.split("train"))
    assert np.mean([(a != b).mean() for a, b in pairs]) < 1e-4
