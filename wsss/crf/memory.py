"""How much memory a dense CRF takes, known before it is asked for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

_COLORS = {2: 3, 5: 6}  # vertices of a simplex, by dimension: what a pixel may add to a lattice at most


@dataclass(frozen=True)
class Memory:
    """What `limit` bytes leave for the lattices' vertices.

    Counted are, for each pixel, the probabilities that are given, their logarithms (which become the marginals), and
    the vertices, weights and factor in both lattices; for each vertex its places in chains and two arrays of values, or
    what building the lattice takes, where that is more: with few channels.
    """

    size: tuple[int, int]  # (H, W)
    channels: int
    limit: float
    used: float = field(default=0)  # by lattices that are there

    def vertices(self, dimensions: int) -> int:
        """Return how many vertices the next lattice may have."""
        left = self.limit - self.used - self._pixel() * math.prod(self.size)
        return int(min(max(left / self._vertex(dimensions), 0), 2**31 - 1))

    def without(self, vertices: int, dimensions: int) -> Memory:
        """Return what is left beside a lattice."""
        return replace(self, used=self.used + vertices * self._vertex(dimensions))

    def refusal(self) -> str:
        """Say that it is not enough, and for what it is."""
        height, width = self.size
        most = self._pixel() + sum(colors * self._vertex(dimensions) for dimensions, colors in _COLORS.items())
        scale = min(math.sqrt(self.limit / (most * height * width)), 1)
        fits = f"{max(int(width * scale), 1)}×{max(int(height * scale), 1)}"
        what = f"a dense CRF of {width}×{height} pixels and {self.channels} channels"
        return (
            f"{what} needs more than {self.limit / 1e9:.1f} GB; {fits} fits, whatever the image shows, "
            "or give a larger memory_limit, fewer classes, or larger widths"
        )

    def _blocks(self) -> int:
        return -(-self.channels // 8)

    def _pixel(self) -> int:
        return 4 * self.channels + 32 * self._blocks() + sum(8 * colors + 4 for colors in _COLORS.values())

    def _vertex(self, dimensions: int) -> int:
        # at most: 6 for its places in chains; 23 with them twice, as they grow, and the hash table, half of it empty
        return max(6 * _COLORS[dimensions] + 64 * self._blocks(), 23 * _COLORS[dimensions])
