"""Affinities of all pairs and their gradient, against the same formula left to autograd."""

from __future__ import annotations

from pathlib import Path

import torch

from benchmarks.comparison import Comparison, seconds
from wsss.affinity.pairs import affinity, pair_regions

RADIUS = 5


def run(folder: Path) -> list[Comparison]:
    """Forward and backward on the features of crops of 448 at stride 8."""
    features = torch.randn(2, 448, 56, 56, generator=torch.Generator().manual_seed(0))
    features = features.contiguous(memory_format=torch.channels_last).requires_grad_()

    def gradient(affinities) -> torch.Tensor:
        return torch.autograd.grad(affinities(features, RADIUS).square().sum(), features)[0]

    torch.testing.assert_close(gradient(affinity), gradient(_by_autograd))
    times = seconds(lambda: gradient(affinity), lambda: gradient(_by_autograd), repeat=5)
    return [Comparison("affinities and their gradient", "2 crops of 448", "plain autograd", *times, "s", None)]


def _by_autograd(features: torch.Tensor, radius: int) -> torch.Tensor:
    origin, neighbours = pair_regions(*features.shape[-2:], radius)
    distances = [(features[..., *to] - features[..., *origin]).abs().mean(1).flatten(-2) for to in neighbours]
    return torch.exp(-torch.stack(distances, dim=1))
