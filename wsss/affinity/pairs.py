"""The pairs of nearby positions between which PSA measures affinity, and the affinity itself.

A pair set is described by P offsets and by M positions `from`, each paired with its P neighbours `to`. As published,
offsets point right or down (so that no pair comes twice), and only positions with all their P neighbours inside the
map are `from`: all but the last radius-1 rows and the radius-1 columns at either side. A map too small for that has
M = 0 pairs.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch.autograd.function import once_differentiable

Region = tuple[slice, slice]


@cache
def pair_offsets(radius: int) -> tuple[tuple[int, int], ...]:
    """Return the P offsets (dy, dx) with 0 < dy² + dx² < radius², right of or below the origin: 34 for radius 5."""
    reach = range(1 - radius, radius)
    offsets = [(0, dx) for dx in range(1, radius)]
    return tuple(offsets + [(dy, dx) for dy in range(1, radius) for dx in reach if dy**2 + dx**2 < radius**2])


def pair_regions(height: int, width: int, radius: int) -> tuple[Region, list[Region]]:
    """Return where the `from` positions of a map lie, and where their neighbours lie for each of the P offsets."""
    margin = radius - 1
    rows, columns = max(height - margin, 0), max(width - 2 * margin, 0)
    if not rows or not columns:
        rows = columns = 0

    def region(dy: int, dx: int) -> Region:
        return slice(dy, dy + rows), slice(margin + dx, margin + dx + columns)

    return region(0, 0), [region(dy, dx) for dy, dx in pair_offsets(radius)]


def pair_values(maps: torch.Tensor, radius: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the values of `maps` (..., h, w) at the pairs: from (..., 1, M) and to (..., P, M)."""
    height, width = maps.shape[-2:]
    origin, neighbours = pair_regions(height, width, radius)
    values_from = maps[..., *origin].flatten(-2).unsqueeze(-2)
    if not neighbours:
        return values_from, values_from[..., :0, :]
    return values_from, torch.stack([maps[..., *region].flatten(-2) for region in neighbours], dim=-2)


def pair_indices(height: int, width: int, radius: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the flat indices y·width + x of the pairs: from (M,) and to (P, M), int64."""
    index_from, index_to = pair_values(torch.arange(height * width).view(height, width), radius)
    return index_from[0], index_to


def affinity(features: torch.Tensor, radius: int) -> torch.Tensor:
    """Return exp(-mean_d |f_to - f_from|) for all pairs within `radius` of features (B, D, h, w): (B, P, M) in (0, 1].

    PSA, eq. 1. Differentiable, once.
    """
    return torch.exp(-_Distances.apply(features, radius))


class _Distances(torch.autograd.Function):
    """Mean absolute differences, offset by offset: nothing of the size (B, D, P, M) is made, and none is kept.

    Left to autograd, each of the P offsets would keep its signs for the backward pass; here it computes them again,
    which is several times as fast and needs a P-th of the memory.
    """

    @staticmethod
    def forward(ctx: Any, features: torch.Tensor, radius: int) -> torch.Tensor:
        ctx.save_for_backward(features)
        ctx.radius = radius
        height, width = features.shape[-2:]
        origin, neighbours = pair_regions(height, width, radius)
        at_origin = features[..., *origin]
        distances = [(features[..., *region] - at_origin).abs_().mean(1).flatten(-2) for region in neighbours]
        if not distances:
            return features.new_zeros(len(features), 0, at_origin[0, 0].numel())
        return torch.stack(distances, dim=1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None]:
        (features,) = ctx.saved_tensors
        height, width = features.shape[-2:]
        origin, neighbours = pair_regions(height, width, ctx.radius)
        at_origin = features[..., *origin]
        result = torch.zeros_like(features)
        share = upstream.unflatten(-1, at_origin.shape[-2:])[:, :, None] / features.shape[1]  # (B, P, 1, rows, columns)
        for p, region in enumerate(neighbours):
            change = (features[..., *region] - at_origin).sign_().mul_(share[:, p])
            result[..., *region] += change
            result[..., *origin] -= change
        return result, None
