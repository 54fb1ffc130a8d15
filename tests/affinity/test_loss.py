"""AffinityNet's loss against its own (tests/golden/psa_affinity_labels.npz), and where it must stay finite."""

import numpy as np
import pytest
import torch
from paths import GOLDEN

from wsss.affinity.labels import PairLabels, pair_labels
from wsss.affinity.loss import affinity_loss
from wsss.affinity.pairs import affinity


@pytest.fixture(scope="module")
def published():
    return np.load(GOLDEN / "psa_affinity_labels.npz")


@pytest.fixture(scope="module")
def labels(published):
    return pair_labels(torch.from_numpy(published["label"])[None], 5)


@pytest.mark.parametrize(("height", "width", "radius"), [(4, 20, 5), (20, 8, 5), (1, 1, 5), (6, 6, 1)])
def test_without_room_for_pairs_all_is_empty_and_the_loss_zero(height, width, radius):
    features = torch.randn(2, 3, height, width, requires_grad=True)
    found = affinity(features, radius)
    labels = pair_labels(torch.zeros(2, height, width, dtype=torch.uint8), radius)
    assert found.numel() == 0
    assert found.shape == labels.negative.shape
    assert affinity_loss(found, labels) == 0


def test_loss_is_the_published_one(labels, published):
    values = np.random.default_rng(int(published["affinity_seed"])).random((34, 2496)).astype(np.float32)
    loss = affinity_loss(torch.from_numpy(values)[None], labels)
    assert float(loss) == pytest.approx(float(published["loss"]), abs=1e-6)


def test_loss_takes_its_means_over_the_whole_batch():
    values = torch.tensor([[[0.9, 0.5]], [[0.2, 0.4]]])
    background = torch.tensor([[[True, True]], [[True, False]]])
    negative = torch.tensor([[[False, False]], [[False, True]]])
    loss = affinity_loss(values, PairLabels(background, torch.zeros_like(background), negative))
    wanted = -np.log(np.array([0.9, 0.5, 0.2]) + 1e-5).mean() / 4 - np.log(0.6 + 1e-5) / 2
    assert float(loss) == pytest.approx(wanted, abs=1e-6)


def test_loss_and_gradient_are_finite_at_the_ends_and_for_empty_sets():
    values = torch.tensor([[[0.0, 1.0]]], requires_grad=True)
    nothing, everything = torch.zeros(1, 1, 2, dtype=torch.bool), torch.ones(1, 1, 2, dtype=torch.bool)
    for labels in (
        PairLabels(nothing, nothing, nothing),
        PairLabels(everything, nothing, nothing),
        PairLabels(nothing, nothing, everything),
    ):
        loss = affinity_loss(values, labels)
        (gradient,) = torch.autograd.grad(loss, values)
        assert torch.isfinite(loss)
        assert torch.isfinite(gradient).all()


def test_the_loss_teaches_features_apart():
    label = torch.zeros(1, 10, 14, dtype=torch.uint8)
    label[..., 7:] = 3
    features = torch.randn(1, 4, 10, 14, generator=torch.Generator().manual_seed(0)).requires_grad_()
    labels = pair_labels(label, 4)
    optimizer = torch.optim.SGD([features], lr=100)
    losses = []
    for _ in range(15):
        losses.append(affinity_loss(affinity(features, 4), labels))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.8 * losses[0]
