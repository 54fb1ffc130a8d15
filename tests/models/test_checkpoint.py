"""Weights are found in whatever they are wrapped in, by rule; where more than one thing could be meant, it is said."""

import argparse

import pytest
import timm
import torch
from small import params
from torch import Tensor

from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.affinity_network import AffinityNetwork, create_affinity_network
from wsss.models.checkpoint import state_dict_of, without_prefix
from wsss.models.create_backbone import create_backbone
from wsss.models.trained import load_network
from wsss.models.weights import read_weights

VIT = "vit_tiny_patch16_224"


def some(value: float = 0, count: int = 3) -> dict[str, Tensor]:
    return {f"layer{i}.weight": torch.full((2,), value) for i in range(count)}


OPTIMIZER = {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 1}]}
BY_NAME = {"state": {f"p{i}": torch.ones(2) for i in range(9)}}


@pytest.mark.parametrize(
    "checkpoint",
    [
        some(),
        {"state_dict": some(), "epoch": 3, "step": torch.tensor(9)},
        {"model_state_dict": some(), "optimizer_state_dict": OPTIMIZER},
        {"model": {"net": {"weights": some()}}, "optimizer": BY_NAME},
        {"anything": some(), "memory": {"queue": torch.ones(5)}},
        {"model": some(1), "model_ema": some()},
        {"state_dict": some(1), "state_dict_ema": some(), "optimizer": OPTIMIZER},
        {"student": some(1), "teacher": some()},
        {"model": {f"module.{name}": value for name, value in some().items()}},
        {f"_orig_mod.module.{name}": value for name, value in some().items()},
        {f"module._orig_mod.{name}": value for name, value in some().items()},
    ],
)
def test_weights_are_found(checkpoint):
    found = state_dict_of(checkpoint, "c.pth")
    assert found.keys() == some().keys()
    assert all(torch.equal(found[name], value) for name, value in some().items())


def test_two_networks_are_refused_naming_both():
    with pytest.raises(InputError, match=r"c\.pth: holds several networks, under generator, discriminator; save"):
        state_dict_of({"generator": some(), "discriminator": some()}, "c.pth")


def test_an_optimiser_alone_is_no_network():
    with pytest.raises(InputError, match="no weights in it: it holds optimizer"):
        state_dict_of({"optimizer": BY_NAME}, "c.pth")


@pytest.mark.parametrize("suffix", ["pth", "pt", "bin", "ckpt", "pth.tar"])
def test_checkpoints_of_any_name_are_read_with_the_settings_beside_them(tmp_path, suffix):
    path = tmp_path / f"w.{suffix}"
    torch.save({"state_dict": some(), "args": argparse.Namespace(lr=1)}, path)
    assert read_weights(path).keys() == some().keys()


@pytest.mark.parametrize("prefix", ["model.", "backbone.", "encoder.trunk.", "a.b.c.d.", "backbone.network."])
def test_a_prefix_of_any_name_is_seen_through(prefix):
    others = {"decode_head.weight": torch.ones(1), "head.layer0.bias": torch.ones(1)}
    given = {prefix + name: value for name, value in some().items()} | others
    assert without_prefix(given, some().keys(), "w.pth").keys() == some().keys()


def test_names_that_fit_are_left_as_they_are():
    given = some() | {"ema.layer0.weight": torch.ones(1)}
    assert without_prefix(given, some().keys(), "w.pth").keys() == given.keys()


def test_weights_of_another_network_keep_their_names():
    given = {"model.layer0.weight": torch.ones(1), "model.other": torch.ones(1)}
    assert without_prefix(given, some().keys(), "w.pth").keys() == given.keys()


def test_a_network_that_is_there_twice_is_refused_unless_one_is_the_average():
    twice = {
        f"{prefix}.{name}": value for prefix in ("base_encoder", "momentum_encoder") for name, value in some().items()
    }
    with pytest.raises(InputError, match=r"several times, under base_encoder\., momentum_encoder\.;"):
        without_prefix(twice, some().keys(), "w.pth")
    averaged = {
        f"{prefix}.{name}": value for prefix, by in (("model", 1), ("ema_model", 0)) for name, value in some(by).items()
    }
    found = without_prefix(averaged, some().keys(), "w.pth")
    assert all(torch.equal(found[name], value) for name, value in some().items())


@pytest.mark.parametrize("prefix", ["", "model.", "_orig_mod.backbone.", "module.encoder."])
def test_a_backbone_starts_from_a_wrapped_checkpoint(tmp_path, prefix):
    torch.manual_seed(0)
    source = timm.create_model(VIT, num_classes=0).state_dict()
    given = {prefix + name: value for name, value in source.items()} | {"decoder.weight": torch.ones(1)}
    torch.save({"model_state_dict": given, "optimizer": OPTIMIZER}, tmp_path / "w.ckpt")
    if prefix == "":
        with pytest.raises(InputError, match="1 unexpected: decoder"):  # beside the network, not around it
            create_backbone(VIT, tmp_path / "w.ckpt")
        return
    loaded = create_backbone(VIT, tmp_path / "w.ckpt").network.state_dict()
    assert all(torch.equal(loaded[name], value) for name, value in source.items())


@pytest.fixture
def affinity_settings():
    return resolve(params(), "toy", "affinity.backbone=tiny_cnn,affinity.weights=null").affinity


def published(network: AffinityNetwork) -> dict[str, Tensor]:
    """By the names of PSA's resnet38_aff."""
    names = {"levels.0": "f8_3", "levels.1": "f8_4", "levels.2": "f8_5", "join": "f9"}
    weights = {}
    for name, value in network.state_dict().items():
        own = next((one for one in names if name.startswith(f"{one}.")), None)
        weights[name.removeprefix("backbone.network.") if own is None else name.replace(own, names[own])] = value
    return weights


@pytest.mark.parametrize("prefix", ["", "module.", "model."])
def test_affinitynet_takes_what_psa_published(tmp_path, prefix, affinity_settings):
    torch.manual_seed(0)
    source = create_affinity_network(affinity_settings)
    weights = published(source)
    assert {"f8_3.weight", "f9.weight"} < weights.keys()
    torch.save({prefix + name: value for name, value in weights.items()}, tmp_path / "resnet38_aff.pth")
    trained, start = (
        create_affinity_network(affinity_settings),
        create_affinity_network(affinity_settings, tmp_path / "resnet38_aff.pth"),
    )
    load_network(trained, tmp_path / "resnet38_aff.pth")
    for network in (trained, start):
        assert all(torch.equal(network.state_dict()[name], value) for name, value in source.state_dict().items())


def test_affinitynet_of_other_widths_is_refused(tmp_path, affinity_settings):
    weights = published(create_affinity_network(affinity_settings))
    weights["f8_5.weight"] = torch.ones(256, 7, 1, 1)
    torch.save(weights, tmp_path / "resnet38_aff.pth")
    with pytest.raises(InputError, match=r"resnet38_aff\.pth: .*levels\.2\.weight"):
        create_affinity_network(affinity_settings, tmp_path / "resnet38_aff.pth")


def test_affinitynet_on_resnet38_has_the_published_layers():
    elements = {"f8_3": 64 * 512, "f8_4": 128 * 1024, "f8_5": 256 * 4096, "f9": 448 * 448}
    with torch.device("meta"):
        network = create_affinity_network(
            resolve(params(), "toy", "affinity.backbone=resnet38,affinity.weights=null").affinity
        )
    own = published(network)
    assert {name: own[f"{name}.weight"].numel() for name in elements} == elements
    assert own["b7.conv_branch2b2.weight"].shape == (4096, 2048, 1, 1)
