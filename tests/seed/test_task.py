"""The loss of a seed network: classification, and lambda times the agreement."""

from __future__ import annotations

import math

import pytest
import torch
from small import seed_settings

from wsss.seed.task import SeedTask


class Fixed(torch.nn.Module):
    """A seed network that gives the same activations whatever it sees."""

    def __init__(self, z: torch.Tensor):
        super().__init__()
        self.z = torch.nn.Parameter(z)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.z


def test_loss_is_binary_cross_entropy_of_the_mappings_scores():
    # mapping cam, z constant: scores (0, ln 3), labels (1, 0): mean of ln 2 and ln 4
    z = torch.tensor([0.0, math.log(3)]).reshape(1, 2, 1, 1).expand(1, 2, 2, 2).clone()
    network = Fixed(z)
    task = SeedTask(network, seed_settings(mapping="cam", regularization="none"))
    losses = task.loss(network, {"image": torch.zeros(1, 3, 4, 4), "labels": torch.tensor([[1.0, 0.0]])})
    assert losses["loss"].item() == pytest.approx((math.log(2) + math.log(4)) / 2, rel=1e-6)


def test_total_is_classification_plus_lambda_agreement():
    from wsss.models.create_backbone import create_backbone
    from wsss.models.seed_network import ActivationNetwork

    network = ActivationNetwork(create_backbone("tiny_transformer", None), 2)
    task = SeedTask(network, seed_settings(regularization_weight=0.5))
    task.before_step(0.0)
    losses = task.loss(network, {"image": torch.randn(2, 3, 32, 32), "labels": torch.tensor([[1.0, 0.0], [0.0, 1.0]])})
    assert losses["agreement"] > 0
    assert torch.allclose(losses["loss"], losses["classification"] + 0.5 * losses["agreement"])
