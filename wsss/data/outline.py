"""The outlines of the regions in a mask."""

from __future__ import annotations

import numpy as np


def outline(mask: np.ndarray, reach: int = 1) -> np.ndarray:
    """Return whether each pixel of a mask (H, W) has a neighbour of another class, above, below or beside it.

    reach: how far a neighbour may be, in pixels.
    """
    found = np.zeros(mask.shape, bool)
    for distance in range(1, reach + 1):
        below = mask[distance:] != mask[:-distance]
        right = mask[:, distance:] != mask[:, :-distance]
        found[distance:] |= below
        found[:-distance] |= below
        found[:, distance:] |= right
        found[:, :-distance] |= right
    return found
