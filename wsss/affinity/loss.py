"""The loss of AffinityNet."""

from __future__ import annotations

import torch

from wsss.affinity.labels import PairLabels
from wsss.training.several_processes import shared_mean

EPSILON = 1e-5  # keeps the logarithms finite, as published


def affinity_loss(affinity: torch.Tensor, labels: PairLabels) -> torch.Tensor:
    """Return bg/4 + fg/4 + neg/2 (PSA, eq. 6) of affinities (B, P, M) in [0, 1]: cross entropy, as a scalar.

    Each part is the mean over its pairs in the whole batch, also where several GPUs share it, so that the many
    pairs of background do not drown the rest; a part without pairs is 0.
    """
    affinity = affinity.float()
    attract = -torch.log(affinity + EPSILON)
    repel = -torch.log(1 + EPSILON - affinity)
    return (
        _masked_mean(attract, labels.bg_positive) / 4
        + _masked_mean(attract, labels.fg_positive) / 4
        + _masked_mean(repel, labels.negative) / 2
    )


def _masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return shared_mean((values * mask).sum(), mask.sum())
