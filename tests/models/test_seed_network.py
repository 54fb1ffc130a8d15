"""The seed network: what dropout before its head does to the scores."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from paths import GOLDEN
from small import Pixels

from wsss.models.seed_network import ActivationNetwork


class Features(Pixels):
    """A backbone whose features are its input, of 256 channels."""

    num_features = 256


@pytest.fixture(scope="module")
def published():
    with np.load(GOLDEN / "dropout.npz") as file:
        return {name: torch.from_numpy(file[name]).float() for name in file.files}


@pytest.fixture
def network(published):
    network = ActivationNetwork(Features(), 20, float(published["p"]))
    with torch.no_grad():
        network.head.weight.copy_(published["weight"][:, :, None, None])
    return network


@torch.no_grad()
def test_no_dropout_in_evaluation(network, published):
    scores = network.eval()(published["features"]).mean((2, 3))
    assert (scores - published["scores_evaluation"]).abs().max() < 1e-5


@torch.no_grad()
def test_dropout_takes_whole_channels_as_published(network, published):
    torch.manual_seed(0)
    features, draws = published["features"], int(published["draws"])
    scores = torch.cat([network(features.repeat(40, 1, 1, 1)).mean((2, 3)) for _ in range(draws // 40)])
    measured = scores.reshape(draws, *published["std_channels_analytic"].shape).std(0)
    assert (measured / published["std_channels_analytic"] - 1).abs().max() < 0.05
    assert (measured > 8 * published["std_elements_analytic"]).all()  # of single positions, which the mean takes away


@torch.no_grad()
def test_the_published_spread_is_that_of_the_heads_weights_and_the_channels_means(network, published):
    share = network.head.weight[:, :, 0, 0] * published["features"].double().mean((2, 3))[:, None]
    p = network.dropout.p
    analytic = (p / (1 - p) * share.square().sum(-1)).sqrt()
    assert (analytic - published["std_channels_analytic"]).abs().max() < 1e-5
