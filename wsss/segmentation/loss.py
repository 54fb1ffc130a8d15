"""Losses of the segmentation network: cross entropy per pixel, at one scale or at several."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, interpolate

from wsss.files import VOID
from wsss.training.several_processes import shared_mean


def pixel_loss(logits: Tensor, mask: Tensor) -> Tensor:
    """Return the mean cross entropy of logits (B, C+1, H, W) and masks (B, H, W) over the pixels that are not void.

    0 where all are void.
    """
    total = cross_entropy(logits, mask, ignore_index=VOID, reduction="sum")
    return shared_mean(total, (mask != VOID).sum())


def enlarged_loss(logits: Tensor, mask: Tensor) -> Tensor:
    """Return `pixel_loss` of logits (B, C+1, h, w), enlarged bilinearly to the masks (B, H, W)."""
    return pixel_loss(interpolate(logits, mask.shape[-2:], mode="bilinear", align_corners=False), mask)


def multi_scale_loss(
    logits: Tensor, predict: Callable[[Tensor], Tensor], images: Tensor, mask: Tensor, scales: Sequence[float]
) -> Tensor:
    """Return DeepLab-v2's loss (Chen et al., TPAMI 2018): of every scale of the image, and of their maximum, added up.

    Each term is `pixel_loss` at the size of its logits, to which masks are reduced by taking the nearest pixel; the
    maximum is over the logits of all scales at each position, at the size of `logits`.

    Args:
        logits: of the images as they are, (B, C+1, h, w).
        predict: maps images of another size to logits of another size.
        images: (B, 3, H, W).
        mask: (B, H, W).
        scales: the others, factors on (H, W).
    """
    outputs = [logits]
    for scale in scales:
        size = [max(int(side * scale), 1) for side in images.shape[-2:]]
        outputs.append(predict(interpolate(images, size, mode="bilinear", align_corners=False)))
    size = list(logits.shape[-2:])
    outputs.append(
        torch.stack([interpolate(one, size, mode="bilinear", align_corners=False) for one in outputs]).amax(0)
    )
    return torch.stack([pixel_loss(one, _reduced(mask, one.shape[-2:])) for one in outputs]).sum()


def _reduced(mask: Tensor, size: Sequence[int]) -> Tensor:
    return interpolate(mask[:, None].float(), list(size), mode="nearest-exact")[:, 0].long()
