"""ResNet38 against the published network: its names, its maps, what is frozen and what is dropped."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from wsss.models.resnet38 import STEM, ResidualBlock, ResNet38

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def structure() -> ResNet38:
    """The network without memory for its 105 million parameters."""
    with torch.device("meta"):
        return ResNet38()


@pytest.fixture(scope="module")
def golden_network() -> ResNet38:
    """The network with the weights of the reference values: sines of the parameter's index and name length."""
    with torch.device("meta"):
        network = ResNet38()
    network.to_empty(device="cpu")
    for name, value in network.state_dict().items():
        if not value.is_floating_point():
            value.zero_()
            continue
        wave = torch.arange(value.numel(), dtype=torch.float64).mul_(0.7).add_(len(name)).sin_()
        if value.ndim == 4:
            wave.mul_(0.6 / value[0].numel() ** 0.5)
        elif name.endswith("running_var"):
            wave.mul_(0.2).add_(1)
        else:
            wave.mul_(0.1).add_(1 if name.endswith("weight") else 0)
        value.copy_(wave.view(value.shape))
    return network.eval()


def seeded_block(channels=(8, 8), **options) -> ResidualBlock:
    torch.manual_seed(0)
    return ResidualBlock(4, channels, **options)


def test_names_shapes_and_order_of_the_state_dict_are_the_published_ones(structure):
    published = json.loads((DATA / "resnet38_state_dict.json").read_text())
    assert [[name, list(value.shape)] for name, value in structure.state_dict().items()] == published["state_dict"]
    assert sum(parameter.numel() for parameter in structure.parameters()) == published["parameters"]


def test_conv4_conv5_conv6_are_those_of_the_published_network(golden_network):
    expected = np.load(DATA / "resnet38_forward.npz")
    images = torch.arange(3 * 40 * 48, dtype=torch.float64).mul(0.013).cos().float().view(1, 3, 40, 48)
    with torch.no_grad():
        maps = golden_network.forward_pyramid(images)
    for name, channels, feature_map in zip(("conv4", "conv5", "conv6"), ResNet38.feature_channels, maps, strict=True):
        assert feature_map.shape == (1, channels, 5, 6)
        error = np.abs(feature_map[0].numpy() - expected[name]).max()
        assert error < 1e-5 * np.abs(expected[name]).max(), name


def test_features_are_the_last_map_at_an_eighth_of_the_size_rounded_up(golden_network):
    images = torch.linspace(-1, 1, 3 * 17 * 24).view(1, 3, 17, 24)
    with torch.no_grad():
        features = golden_network.forward_features(images)
        assert features.shape == (1, ResNet38.num_features, 3, 24 // ResNet38.stride)
        assert torch.equal(features, golden_network.forward_pyramid(images)[-1])


def test_drop_path_and_dropout_leave_the_state_dict_alone(structure):
    with torch.device("meta"):
        dropping = ResNet38(drop_path_rate=0.15, block_dropout=(0.1, 0.2))
    assert list(dropping.state_dict()) == list(structure.state_dict())


def test_drop_path_rises_linearly_with_depth_to_the_rate_asked_for():
    with torch.device("meta"):
        network = ResNet38(drop_path_rate=0.16)
    rates = [getattr(network, name).drop_path.drop_prob for name in network.block_names]
    assert len(rates) == 17
    assert rates == pytest.approx([0.01 * i for i in range(17)])
    network.set_drop_path(0.0)
    assert not any(getattr(network, name).drop_path.drop_prob for name in network.block_names)


def test_a_dropped_path_leaves_the_shortcut():
    block = seeded_block((8, 4), drop_path=0.999999).train()
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x)[0], x)
    assert not torch.equal(block.eval()(x)[0], x)


def test_dropout_acts_in_the_bottlenecks_and_only_in_training(structure):
    rates = {name: getattr(structure, name).dropout.p for name in structure.block_names}
    assert {name: rate for name, rate in rates.items() if rate} == {"b6": 0.3, "b7": 0.5}
    block = seeded_block((8, 8, 16), dropout=0.5)
    block.bn_branch2a.eval(), block.bn_branch2b1.eval(), block.bn_branch2b2.eval()
    x = torch.randn(2, 4, 6, 6)
    assert not torch.equal(block(x)[0], block(x)[0])
    block.eval()
    assert torch.equal(block(x)[0], block(x)[0])


def test_a_block_returns_the_activation_of_its_input():
    block = seeded_block().eval()
    x = torch.randn(2, 4, 6, 6)
    expected = (x / (1 + block.bn_branch2a.eps) ** 0.5).clamp(min=0)
    torch.testing.assert_close(block(x)[1], expected)


def test_stem_first_stage_and_every_batch_norm_are_frozen_and_nothing_else(structure):
    for name, parameter in structure.named_parameters():
        frozen = name.split(".")[0] in STEM or ".bn_" in name or name.startswith("bn7.")
        assert parameter.requires_grad is not frozen, name


def test_frozen_batch_norm_stays_in_evaluation_when_training():
    with torch.device("meta"):
        network, free = ResNet38(), ResNet38(frozen_batch_norm=False, frozen_stem=False)
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    assert network.train() is network
    assert network.b7.dropout.training
    assert not any(norm.training for norm in norms)
    assert free.train().bn7.training
    assert all(parameter.requires_grad for parameter in free.parameters())


def test_checkpointing_changes_neither_maps_nor_gradients(golden_network):
    images = torch.linspace(-1, 1, 3 * 16 * 16).view(1, 3, 16, 16)
    watched = (golden_network.b3.conv_branch2a.weight, golden_network.b5.conv_branch1.weight)
    results = []
    try:
        for enabled in (False, True):
            golden_network.train().set_grad_checkpointing(enabled)
            golden_network.set_drop_path(0.5)
            torch.manual_seed(3)
            maps = golden_network.forward_pyramid(images)
            loss = sum(feature_map.square().mean() for feature_map in maps)
            results.append((maps, torch.autograd.grad(loss, watched)))
    finally:
        golden_network.eval().set_grad_checkpointing(False)
        golden_network.set_drop_path(0.0)
    assert all(gradient.abs().max() > 0 for gradient in results[0][1])
    for plain, recomputed in zip(*results, strict=True):
        torch.testing.assert_close(list(plain), list(recomputed))
