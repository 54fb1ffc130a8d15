"""`gt`: the small, flipped view is brought back over the other one before they are compared."""

from __future__ import annotations

import math

import pytest
import torch
from small import Pixels, seed_settings
from torch import nn

from wsss.config.choices import AGREEMENTS
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import ActivationNetwork
from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement
from wsss.seed.regularization.geometric_transform import GeometricTransform, pooled, transformed

BACKGROUND = 1.0


def pixel_network() -> ActivationNetwork:
    """Return a network whose activations are the three colours of each pixel."""
    network = ActivationNetwork(Pixels(), 3)
    with torch.no_grad():
        network.head.weight.copy_(torch.eye(3)[:, :, None, None])
    return network


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(2))


def regularization(network: ActivationNetwork, **overrides) -> GeometricTransform:
    return GeometricTransform(network, seed_settings(regularization="gt", mapping="cam", **overrides))


@pytest.mark.parametrize("reading", list(AGREEMENTS))
def test_pure_flip_is_aligned_exactly(reading):
    """A network that looks at pixels one by one says the same of a flipped image: no position may be off by one."""
    network, images = pixel_network(), noise(2, 3, 8, 12)
    student = log_alpha(network(images), BACKGROUND)
    loss = regularization(network, gt_scale=1.0, agreement=reading).loss(network, {"image": images}, student)
    assert torch.equal(loss, agreement(student, student, 0.1, reading))  # identical views: the entropy term
    shifted = agreement(student.roll(1, -1), student, 0.1, reading)
    assert not torch.allclose(loss, shifted, rtol=1e-3)


def test_small_view_keeps_at_least_three_positions_a_side_and_whole_ones():
    assert transformed(noise(1, 3, 96, 96), 0.3, 8).shape[-2:] == (32, 32)  # 28.8 pixels: 3.6 positions, 4
    assert transformed(noise(1, 3, 448, 448), 0.3, 8).shape[-2:] == (136, 136)  # 134.4: 16.8, 17
    assert transformed(noise(1, 3, 224, 160), 0.3, 16).shape[-2:] == (64, 48)  # 4.2 and 3.0 positions
    assert transformed(noise(1, 3, 64, 64), 0.3, 16).shape[-2:] == (48, 48)  # 1.2 would be too few


def test_small_view_is_flipped():
    image = torch.zeros(1, 3, 32, 32)
    image[..., :16] = 1
    view = transformed(image, 0.5, 4)
    assert view[..., :6].max() < 0.1 < 0.9 < view[..., 10:].min()


def test_teacher_is_the_mean_probability_of_each_area():
    # a 2x4 map to 1x2: means of (0.1, 0.3, 0.2, 0.4) and (0.5, 0.5, 0.9, 0.1)
    alpha = torch.tensor([[0.1, 0.3, 0.5, 0.5], [0.2, 0.4, 0.9, 0.1]])[None, None]
    assert torch.allclose(pooled(alpha.log(), (1, 2)).exp(), torch.tensor([[[[0.25, 0.5]]]]))


def test_loss_by_hand():
    """Halves of equal colour: rescaling changes nothing, so the teacher's and the small view's alpha are known."""
    network = pixel_network()
    images = torch.zeros(1, 3, 8, 8)
    images[:, 0, :, :4] = math.log(4)  # with background logit 0, alpha = (4, 1, 1, 1)/7 | (1, 1, 1, 1)/4
    student = log_alpha(network(images), 0.0)
    found = regularization(network, gt_scale=1.0, tau2=0.5, background_logit=0.0).loss(
        network, {"image": images}, student
    )
    # eq. 9 with tau2 = 1/2: -1/4 sum alpha^2 * 2 log alpha, over both halves
    left = (4 / 7) ** 2 * math.log(4 / 7) + 3 * (1 / 7) ** 2 * math.log(1 / 7)
    right = 4 * (1 / 4) ** 2 * math.log(1 / 4)
    assert found.item() == pytest.approx(-0.25 * 2 * (left + right) / 2, rel=1e-5)


@pytest.mark.parametrize("backbone", ["tiny_transformer", "tiny_cnn"])
def test_small_view_learns_and_the_other_teaches(backbone):
    torch.manual_seed(0)
    network = ActivationNetwork(create_backbone(backbone, None), 3).train()
    images = noise(2, 3, 64, 64)
    student = log_alpha(network(images), BACKGROUND).detach().requires_grad_()
    regularization(network, gt_scale=0.3).loss(network, {"image": images}, student).backward()
    assert student.grad is None
    assert network.head.weight.grad.abs().sum() > 0


def test_small_view_leaves_the_running_statistics_alone():
    network = ActivationNetwork(create_backbone("tiny_cnn", None), 3).train()
    images = noise(2, 3, 64, 64)
    student = log_alpha(network(images), BACKGROUND)
    before = {name: value.clone() for name, value in network.named_buffers()}
    regularization(network).loss(network, {"image": images}, student)
    assert all(torch.equal(value, before[name]) for name, value in network.named_buffers())
    assert all(module.momentum == 0.1 for module in network.modules() if isinstance(module, nn.BatchNorm2d))
