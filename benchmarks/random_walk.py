"""The random walk over affinities, against squaring the dense transition matrix log_t times (as PSA is published)."""

from __future__ import annotations

from pathlib import Path

import torch

from benchmarks.comparison import Comparison, seconds
from wsss.affinity.pairs import affinity, pair_indices
from wsss.affinity.random_walk import random_walk

HEIGHT, WIDTH = 47, 63  # a photo of 375×500 at stride 8
RADIUS, BETA, LOG_T = 5, 8, 8


def run(folder: Path) -> list[Comparison]:
    """Walk with few maps and with all of VOC's."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randn(1, 16, 12, 16, generator=generator)
    features = torch.nn.functional.interpolate(coarse, (HEIGHT, WIDTH), mode="bilinear")
    pairs = affinity(features, RADIUS)[0]
    rows = []
    for count, at_least in ((3, 50), (21, 25)):
        maps = torch.rand(count, HEIGHT, WIDTH, generator=generator)
        sparse, dense = random_walk(maps, pairs, RADIUS, BETA, LOG_T), _dense_walk(maps, pairs)
        torch.testing.assert_close(sparse, dense, atol=1e-4, rtol=0)
        times = seconds(lambda m=maps: random_walk(m, pairs, RADIUS, BETA, LOG_T), lambda m=maps: _dense_walk(m, pairs))
        size = f"{HEIGHT}×{WIDTH} positions, {count} maps, 2^{LOG_T} steps"
        rows.append(Comparison("random walk", size, "the dense matrix squared", *times, "s", at_least))
    return rows


def _dense_walk(maps: torch.Tensor, pairs: torch.Tensor) -> torch.Tensor:
    index_from, index_to = pair_indices(HEIGHT, WIDTH, RADIUS)
    matrix = torch.eye(HEIGHT * WIDTH)
    matrix[index_from.expand_as(index_to), index_to] = pairs
    matrix[index_to, index_from.expand_as(index_to)] = pairs
    matrix = matrix**BETA
    matrix /= matrix.sum(0)
    for _ in range(LOG_T):
        matrix = matrix @ matrix
    return (maps.flatten(1) @ matrix).view_as(maps)
