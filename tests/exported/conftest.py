"""A data set, and the folders of two small networks that know nothing but give different answers everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from small import params, tell_apart, write_dataset
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD

from stages.export_model import run as export_model
from stages.export_seed_model import run as export_seed_model
from wsss.config.resolve import resolve
from wsss.data.augment import normalize
from wsss.models.segmentation_network import create_segmentation_network
from wsss.models.trained import normalization
from wsss.models.weights import write_weights
from wsss.seed.create_network import create_seed_network

MEAN_AND_STD = (IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory):
    """Six photos of 40x32 pixels, of three classes, which are those of val, too."""
    dataset = write_dataset(tmp_path_factory.mktemp("data") / "toy", size=(32, 40))
    (dataset.root / "splits/val.txt").write_text((dataset.root / "splits/train.txt").read_text())
    return dataset


@pytest.fixture(scope="session")
def parameters():
    return resolve(params(), "toy", {"seed.backbone": "tiny_cnn", "predict.scales": [1.0, 0.75], "predict.flip": True})


@pytest.fixture(scope="session")
def segmentation_network(tmp_path_factory, dataset, parameters) -> Path:
    """The folder of a network as a training stage leaves it."""
    torch.manual_seed(3)
    return _trained(tmp_path_factory, dataset, create_segmentation_network(parameters.segmentation, 3))


@pytest.fixture(scope="session")
def seed_network(tmp_path_factory, dataset, parameters) -> Path:
    torch.manual_seed(3)
    return _trained(tmp_path_factory, dataset, create_seed_network(parameters.seed, 3))


def _trained(tmp_path_factory, dataset, network) -> Path:
    folder = tmp_path_factory.mktemp("network")
    tell_apart(network, torch.stack([normalize(dataset.image(name), *MEAN_AND_STD) for name in dataset.split("val")]))
    write_weights(folder / "network.safetensors", network.state_dict(), normalization(network.backbone))
    return folder


@pytest.fixture(scope="session")
def model(tmp_path_factory, dataset, parameters, segmentation_network) -> Path:
    folder = tmp_path_factory.mktemp("models") / "model"
    export_model(parameters, variant="main", data=dataset.root, network=segmentation_network, out=folder)
    return folder


@pytest.fixture(scope="session")
def seed_model(tmp_path_factory, dataset, parameters, seed_network) -> Path:
    folder = tmp_path_factory.mktemp("models") / "seed_model"
    export_seed_model(parameters, variant="main", data=dataset.root, network=seed_network, out=folder)
    return folder
