"""Maps on a grid of cells: one value for each stride×stride pixels of an image, counted from its upper left corner.

Seeds, confident labels and affinity features meet on this grid of ceil(H/stride) × ceil(W/stride). Where a side is no
multiple of the stride, the last row or column of cells reaches beyond the image. So a map on cells must not be squeezed
into the image: that would draw all of it towards the upper left, by up to a cell at the far edge. (A network's own maps
are another matter: they span the image, to within half a position, and are resized to it, as published.)
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad


def cell_grid(size: tuple[int, int], stride: int) -> tuple[int, int]:
    """Return the number of rows and columns of cells over an image of `size` (H, W) pixels."""
    height, width = size
    return -(-height // stride), -(-width // stride)


def cell_means(maps: Tensor, stride: int) -> Tensor:
    """Return the mean of maps (K, H, W) over each cell, (K, h, w).

    As published (PSA), what of a cell lies beyond the image counts as 0 in all maps.
    """
    height, width = maps.shape[-2:]
    return avg_pool2d(pad(maps, (0, -width % stride, 0, -height % stride))[None], stride)[0]


def cells_to_pixels(maps: Tensor, stride: int, size: tuple[int, int]) -> Tensor:
    """Return maps on cells (K, h, w) at the pixels of an image, (K, H, W) of `size`, interpolated bilinearly.

    As published (PSA), each cell is enlarged to its stride×stride pixels, then what lies beyond the image is cut.
    """
    height, width = size
    rows, columns = maps.shape[-2:]
    whole = (stride * rows, stride * columns)
    return interpolate(maps[None], whole, mode="bilinear", align_corners=False)[0, :, :height, :width]
