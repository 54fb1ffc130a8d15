"""The segmentation network: heads, levels, and where it starts from."""

from __future__ import annotations

import pytest
import torch
from small import params
from torch.nn.functional import conv2d

from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.heads.aspp import Aspp
from wsss.models.heads.large_fov import large_fov
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.models.weights import write_weights


def test_aspp_adds_four_dilated_classifiers():
    head = Aspp(3, 2)
    features = torch.randn(1, 3, 30, 30, generator=torch.Generator().manual_seed(0))
    by_hand = sum(
        conv2d(features, branch.weight, branch.bias, padding=rate, dilation=rate)
        for branch, rate in zip(head.branches, (6, 12, 18, 24), strict=True)
    )
    assert torch.allclose(head(features), by_hand, atol=1e-6)


def test_large_field_of_view_reaches_24_positions_and_no_further():
    head = large_fov(1, 2)
    features = torch.zeros(1, 1, 61, 61)
    base = head(features)
    features[0, 0, 30, 30] = 1000.0
    changed = (head(features) != base).any(1)[0].nonzero()
    assert changed.min(0).values.tolist() == [6, 6] and changed.max(0).values.tolist() == [54, 54]  # 30 ± 2 · 12


@pytest.mark.parametrize(("output_stride", "size"), [(4, (9, 12)), (8, (5, 6))])
def test_a_finer_stride_than_the_backbones_joins_its_levels(output_stride, size):
    network = SegmentationNetwork(create_backbone("tiny_cnn", None), 4, "small", output_stride).eval()
    assert network(torch.zeros(1, 3, 36, 48)).shape == (1, 4, *size)


def test_it_starts_from_the_seed_networks_backbone(tmp_path):
    seed_backbone = create_backbone("tiny_cnn", None)
    path = tmp_path / "network.safetensors"
    state = {f"backbone.{name}": value for name, value in seed_backbone.state_dict().items()}
    write_weights(path, state | {"head.weight": torch.zeros(6, 128, 1, 1)}, {})
    started = create_backbone("tiny_cnn", path)
    for name, value in seed_backbone.state_dict().items():
        assert torch.equal(started.state_dict()[name], value)


def test_a_start_from_a_seed_network_of_another_architecture_is_refused():
    with pytest.raises(InputError, match="segmentation.weights: seed_network is a 'tiny_transformer'"):
        resolve(params(), "toy", {"segmentation.weights": "seed_network"})
    assert resolve(params(), "toy", {"segmentation.weights": "seed_network", "seed.backbone": "tiny_cnn"})
