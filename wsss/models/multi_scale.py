"""Multi-scale inference with flips: the same for seeds and for segmentation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor
from torch.nn.functional import interpolate

PIXELS_TOGETHER = 2048 * 1024  # of a view; of larger ones, the flip has a call of its own, for the sake of memory


def multi_scale(
    predict: Callable[[Tensor], Tensor],
    images: Tensor,
    scales: list[float],
    flip: bool,
    size: tuple[int, int],
    multiple: int = 1,
) -> Iterator[Tensor]:
    """Yield the maps of `predict` for each scale and flip, flipped back and resized to `size`.

    Maps are resized as if they spanned the image, as published. That is exact for patches; a CNN centres its positions
    on a pixel of their strides that depends on its padding, and is right to within half a position at every size.

    Args:
        predict: maps images (B', 3, h, w) to maps (B', K, h', w'); an image and its flip share one call, if not large.
        images: normalised, (B, 3, H, W).
        scales: factors on (H, W).
        flip: whether each scale is seen flipped, too.
        size: of the maps that are yielded, (B, K, *size).
        multiple: the scaled image's sides are rounded to multiples of this (transformers: the patch size).
    """
    height, width = images.shape[-2:]
    for scale in scales:
        shape = [max(round(side * scale / multiple), 1) * multiple for side in (height, width)]
        view = images
        if shape != [height, width]:
            view = interpolate(images, shape, mode="bicubic", align_corners=False, antialias=True)
        if not flip:
            maps = iter([predict(view)])
        elif view.numel() <= 3 * PIXELS_TOGETHER:
            straight, mirrored = predict(torch.cat([view, view.flip(-1)])).chunk(2)
            maps = iter([straight, mirrored.flip(-1)])
        else:
            maps = (predict(view.flip(-1)).flip(-1) if mirrored else predict(view) for mirrored in (False, True))
        for one in maps:
            yield interpolate(one.float(), size, mode="bilinear", align_corners=False)
