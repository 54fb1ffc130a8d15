"""Pairs, affinities, their labels and their loss against AffinityNet's (tests/data/psa_*.npz)."""

from pathlib import Path

import numpy as np
import pytest
import torch

from wsss.affinity.labels import PairLabels, labels_at_stride, pair_labels
from wsss.affinity.loss import affinity_loss
from wsss.affinity.pairs import affinity, pair_indices, pair_offsets

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def walk():
    return np.load(DATA / "psa_random_walk.npz")


@pytest.fixture(scope="module")
def published():
    return np.load(DATA / "psa_affinity_labels.npz")


@pytest.fixture(scope="module")
def labels(published):
    return pair_labels(torch.from_numpy(published["label"])[None], 5)


def test_pairs_are_the_published_ones(walk):
    index_from, index_to = pair_indices(18, 23, 5)
    assert np.array_equal(index_from, walk["pairs_from"])
    assert np.array_equal(index_to.flatten(), walk["pairs_to"])


def test_no_pair_comes_twice():
    index_from, index_to = pair_indices(12, 15, 4)
    pairs = {frozenset(pair) for row in index_to.tolist() for pair in zip(index_from.tolist(), row, strict=True)}
    assert len(pairs) == index_to.numel()
    assert len(pair_offsets(4)) == len(index_to)


def test_affinity_is_the_published_one(walk):
    features = torch.from_numpy(walk["features"])
    found = affinity(torch.stack([torch.zeros_like(features), features]), 5)
    assert (found[0] == 1).all()
    assert np.allclose(found[1], walk["affinity"], atol=1e-6)


def test_affinity_of_chosen_pairs_is_its_definition():
    features = torch.randn(2, 7, 9, 11, generator=torch.Generator().manual_seed(0))
    index_from, index_to = pair_indices(9, 11, 4)
    flat = features.flatten(2)
    wanted = torch.exp(-(flat[:, :, index_to] - flat[:, :, None, index_from]).abs().mean(1))
    assert torch.allclose(affinity(features, 4), wanted)


@pytest.mark.parametrize(("height", "width", "radius"), [(4, 20, 5), (20, 8, 5), (1, 1, 5), (6, 6, 1)])
def test_without_room_for_pairs_all_is_empty_and_the_loss_zero(height, width, radius):
    features = torch.randn(2, 3, height, width, requires_grad=True)
    found = affinity(features, radius)
    labels = pair_labels(torch.zeros(2, height, width, dtype=torch.uint8), radius)
    assert found.numel() == 0
    assert found.shape == labels.negative.shape
    assert affinity_loss(found, labels) == 0


def test_pair_labels_are_the_published_ones(labels, published):
    for name in ("bg_positive", "fg_positive", "negative"):
        assert np.array_equal(getattr(labels, name)[0], published[name]), name


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


def test_labels_at_stride_keep_what_covers_more_than_half():
    labels = torch.full((1, 8, 24), 255, dtype=torch.uint8)
    labels[0, :, :5] = 3
    labels[0, :, 8:12] = 0  # exactly half: not sure
    labels[0, :, 16:19] = 7
    labels[0, :, 19:] = 0
    assert labels_at_stride(labels, 8).tolist() == [[[3, 255, 0]]]


def test_labels_at_stride_count_only_real_pixels_at_the_edges():
    labels = torch.full((2, 10, 11), 4, dtype=torch.uint8)
    labels[1, 8:, 8:] = 0
    small = labels_at_stride(labels, 8)
    assert small.dtype == torch.uint8
    assert small.tolist() == [[[4, 4], [4, 4]], [[4, 4], [4, 0]]]


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_gradient_of_the_affinity_is_that_of_its_formula(memory_format):
    features = torch.randn(2, 3, 6, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    features = features.contiguous(memory_format=memory_format).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: affinity(f, 3), features)
