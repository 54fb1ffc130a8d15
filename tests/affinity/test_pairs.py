"""Pairs of positions and their affinities against AffinityNet's (tests/golden/psa_random_walk.npz)."""

import numpy as np
import pytest
import torch
from paths import GOLDEN

from wsss.affinity.pairs import affinity, pair_indices, pair_offsets


@pytest.fixture(scope="module")
def walk():
    return np.load(GOLDEN / "psa_random_walk.npz")


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


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_gradient_of_the_affinity_is_that_of_its_formula(memory_format):
    features = torch.randn(2, 3, 6, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    features = features.contiguous(memory_format=memory_format).requires_grad_()
    assert torch.autograd.gradcheck(lambda f: affinity(f, 3), features)
