"""Labels of pairs against AffinityNet's (tests/golden/psa_affinity_labels.npz), and labels at a coarser stride."""

import numpy as np
import pytest
import torch
from paths import GOLDEN

from wsss.affinity.labels import labels_at_stride, pair_labels


@pytest.fixture(scope="module")
def published():
    return np.load(GOLDEN / "psa_affinity_labels.npz")


@pytest.fixture(scope="module")
def labels(published):
    return pair_labels(torch.from_numpy(published["label"])[None], 5)


def test_pair_labels_are_the_published_ones(labels, published):
    for name in ("bg_positive", "fg_positive", "negative"):
        assert np.array_equal(getattr(labels, name)[0], published[name]), name


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
