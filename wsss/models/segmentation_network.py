"""Segmentation networks: a backbone and a head."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from wsss.config.blocks import Segmentation
from wsss.config.choices import HEADS
from wsss.models.backbone import Backbone, BackboneNetwork
from wsss.models.create_backbone import create_backbone


def create_segmentation_network(
    settings: Segmentation, num_classes: int, weights: Path | str | None = None
) -> SegmentationNetwork:
    """Return the network that parameters ask for, for C = `num_classes` foreground classes.

    `weights` of the backbone are what `wsss.models.create_backbone` takes; None for random ones.
    """
    backbone = create_backbone(settings.backbone, weights, settings.output_stride)
    return SegmentationNetwork(backbone, num_classes + 1, settings.head, settings.output_stride)


class SegmentationNetwork(BackboneNetwork):
    """Class scores per position, background first.

    Args:
        backbone: any.
        num_classes: with background, C + 1.
        head: a key of `wsss.config.choices.HEADS`.
        output_stride: where the backbone's own stride is larger, the head sees the backbone's levels side by side,
            resized to this stride; the deepest level alone otherwise.
    """

    def __init__(self, backbone: Backbone, num_classes: int, head: str, output_stride: int):
        super().__init__()
        self.backbone, self.output_stride = backbone, output_stride
        self.joins_levels = output_stride < backbone.stride
        channels = sum(backbone.pyramid_channels) if self.joins_levels else backbone.num_features
        self.head = HEADS[head].load()(channels, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, C+1, h, w) of normalised images (B, 3, H, W)."""
        if not self.joins_levels:
            return self.head(self.backbone(images))
        size = [(side + self.output_stride - 1) // self.output_stride for side in images.shape[-2:]]
        levels = self.backbone.forward_pyramid(images)
        return self.head(
            torch.cat([interpolate(level, size, mode="bilinear", align_corners=False) for level in levels], dim=1)
        )
