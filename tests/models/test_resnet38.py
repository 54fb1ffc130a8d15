"""ResNet38 against the published network: its names, its maps, and what is dropped."""

import json

import numpy as np
import pytest
import torch
from paths import GOLDEN

from wsss.models.resnet38 import ResidualBlock, ResNet38


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
    published = json.loads((GOLDEN / "resnet38_state_dict.json").read_text())
    assert [[name, list(value.shape)] for name, value in structure.state_dict().items()] == published["state_dict"]
    assert sum(parameter.numel() for parameter in structure.parameters()) == published["parameters"]


def test_conv4_conv5_conv6_are_those_of_the_published_network(golden_network):
    expected = np.load(GOLDEN / "resnet38_forward.npz")
    images = torch.arange(3 * 40 * 48, dtype=torch.float64).mul(0.013).cos().float().view(1, 3, 40, 48)
    with torch.no_grad():
        maps = golden_network.forward_pyramid(images)
    for name, channels, feature_map in zip(("conv4", "conv5", "conv6"), (512, 1024, 4096), maps, strict=True):
        assert feature_map.shape == (1, channels, 5, 6)
        error = np.abs(feature_map[0].numpy() - expected[name]).max()
        assert error < 1e-5 * np.abs(expected[name]).max(), name


def test_features_are_the_last_map_at_an_eighth_of_the_size_rounded_up(golden_network):
    images = torch.linspace(-1, 1, 3 * 17 * 24).view(1, 3, 17, 24)
    with torch.no_grad():
        features = golden_network.forward_features(images)
        assert features.shape == (1, 4096, 3, 3)
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
