"""A segmentation network that starts from the seed network of another experiment, from nothing to what it predicts."""

from __future__ import annotations

import json

import pytest
import torch
from project import Project, small_params

from wsss.models.weights import read_weights

pytestmark = pytest.mark.slow

CLASSIFIER = "backbone=tiny_cnn,mapping=cam,regularization=none"


def test_the_seed_network_of_another_experiment_is_trained_and_started_from(tmp_path):
    params = small_params()
    params["datasets"]["mini"]["segmentation"] |= {"weights": CLASSIFIER, "freeze": "first_convolution"}
    project = Project(tmp_path, params)  # whose main is a transformer
    target = "results/mini/segmentation.supervision=ground_truth/val_metrics.json"
    done = project.snakemake(target)
    assert done.returncode == 0, done.stdout
    assert 0 <= json.loads((tmp_path / target).read_text())["miou"] <= 100
    classifier = read_weights(tmp_path / f"results/mini/{CLASSIFIER}/seed_network/network.safetensors")
    segments = read_weights((tmp_path / target).parent / "segmentation_network/network.safetensors")
    first, last = (f"backbone.network.{name}.weight" for name in ("stem.0", "stage3.conv2.0"))
    assert torch.equal(classifier[first], segments[first])  # which is frozen
    moved = (segments[last] - classifier[last]).norm() / classifier[last].norm()
    assert 0 < moved < 0.5  # of a single epoch; random weights would be 1.4 away
    assert "Nothing to be done" in project.snakemake("-n", target).stdout
