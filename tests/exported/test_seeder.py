"""A seed network from its folder: from a photo and its labels to the seed that stages/extract_seed.py makes."""

from __future__ import annotations

import json

import numpy as np
import pytest
from small import params

import wsss
from stages.export_seed_model import run as export_seed_model
from stages.extract_seed import run as extract_seed
from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.trained import normalization
from wsss.models.weights import write_weights
from wsss.seed.create_network import create_seed_network
from wsss.seed.seed_file import read_seed


@pytest.fixture(scope="module")
def seeder(seed_model):
    return wsss.load_seeder(seed_model)


def test_seeds_are_those_of_extract_seed(seeder, dataset, parameters, seed_network, tmp_path):
    extract_seed(parameters, data=dataset.root, network=seed_network, out=tmp_path / "seeds", threads=1)
    for name in dataset.split("train"):
        extracted = read_seed(tmp_path / f"seeds/{name}.npz")
        seed = seeder(dataset.image_path(name), dataset.classes_of(name))
        assert seed.classes.tolist() == extracted.classes.tolist() and seed.image_size == extracted.image_size
        assert np.allclose(seed.maps.astype(float), extracted.maps.astype(float), atol=2e-3)
        assert np.ptp(seed.maps) > 0.5  # or any seed would do


@pytest.mark.parametrize("mapping", ["cam", "mct_v2"])
def test_the_mapping_is_that_of_the_network(dataset, mapping, tmp_path):
    variant = f"mapping={mapping},regularization=none"
    parameters, folder = resolve(params(), "toy", variant), tmp_path / "network"
    network = create_seed_network(parameters.seed, 3)
    folder.mkdir()
    write_weights(folder / "network.safetensors", network.state_dict(), normalization(network.backbone))
    export_seed_model(parameters, variant=variant, data=dataset.root, network=folder, out=tmp_path / "model")
    extract_seed(parameters, data=dataset.root, network=folder, out=tmp_path / "seeds", threads=1)
    seed = wsss.load_seeder(tmp_path / "model")(dataset.image_path("i1"), ["class2"])
    extracted = read_seed(tmp_path / "seeds/i1.npz")
    assert np.allclose(seed.maps.astype(float), extracted.maps.astype(float), atol=2e-3)
    assert json.loads((tmp_path / "model/model.json").read_text())["origin"]["variant"] == variant


def test_classes_are_given_by_name_or_number(seeder, dataset):
    by_name, by_number = seeder(dataset.image("i0"), ["class3", "class1"]), seeder(dataset.image("i0"), [1, 3])
    assert by_name.classes.tolist() == by_number.classes.tolist() == [1, 3]
    assert np.array_equal(by_name.maps, by_number.maps)


def test_a_photo_of_no_class_has_a_seed_without_maps(seeder, dataset):
    assert seeder(dataset.image("i0"), []).maps.shape == (0, 8, 10)


def test_the_size_is_that_of_the_photo_however_it_is_seen(seeder):
    seed = seeder(np.zeros((300, 200, 3), np.uint8), [2])
    assert seed.image_size == (300, 200) and seed.maps.shape == (1, 10, 7)  # seen as 40x27
    assert seeder(np.zeros((300, 200, 3), np.uint8), [2], longest_side=0).maps.shape == (1, 75, 50)


@pytest.mark.parametrize("label", ["clas1", 0, 4])
def test_a_class_that_it_does_not_know_is_refused(seeder, dataset, label):
    with pytest.raises(InputError, match="is no class of this network; "):
        seeder(dataset.image("i0"), [label])


def test_a_segmentation_network_is_refused(model):
    with pytest.raises(InputError, match="makes masks, not seeds; use load_segmenter"):
        wsss.load_seeder(model)
