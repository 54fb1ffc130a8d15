"""Segmentation networks: a backbone and one of three heads."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from wsss.models.backbone import Backbone


def _large_fov(channels: int, classes: int) -> nn.Module:
    """DeepLab-v1's large field of view: two 3x3 convolutions, dilated by 12."""
    return nn.Sequential(
        nn.Conv2d(channels, 512, 3, padding=12, dilation=12),
        nn.ReLU(inplace=True),
        nn.Conv2d(512, classes, 3, padding=12, dilation=12),
    )


class _Aspp(nn.Module):
    """DeepLab-v2's atrous spatial pyramid: four dilated 3x3 classifiers, added up."""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(channels, classes, 3, padding=rate, dilation=rate) for rate in (6, 12, 18, 24)
        )
        for branch in self.branches:
            nn.init.normal_(branch.weight, std=0.01)
            nn.init.zeros_(branch.bias)

    def forward(self, features: Tensor) -> Tensor:
        return sum(branch(features) for branch in self.branches)


def _small(channels: int, classes: int) -> nn.Module:
    """For small images: a 1x1 convolution that joins the levels and a 3x3 classifier, without dilation."""
    return nn.Sequential(
        nn.Conv2d(channels, 96, 1, bias=False),
        nn.BatchNorm2d(96),
        nn.ReLU(inplace=True),
        nn.Conv2d(96, classes, 3, padding=1),
    )


HEADS = {"large_fov": _large_fov, "aspp": _Aspp, "small": _small}


class SegmentationNetwork(nn.Module):
    """Class scores per position, background first.

    Args:
        backbone: any.
        num_classes: with background, C + 1.
        head: a key of `HEADS`.
        output_stride: where the backbone's own stride is larger, the head sees the backbone's levels side by side,
            resized to this stride; the deepest level alone otherwise.
    """

    def __init__(self, backbone: Backbone, num_classes: int, head: str, output_stride: int):
        super().__init__()
        self.backbone, self.output_stride = backbone, output_stride
        self.joins_levels = output_stride < backbone.stride
        channels = sum(backbone.pyramid_channels) if self.joins_levels else backbone.num_features
        self.head = HEADS[head](channels, num_classes)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, C+1, h, w) of normalised images (B, 3, H, W)."""
        if not self.joins_levels:
            return self.head(self.backbone(images))
        size = [-(-side // self.output_stride) for side in images.shape[-2:]]
        levels = self.backbone.forward_pyramid(images)
        return self.head(
            torch.cat([interpolate(level, size, mode="bilinear", align_corners=False) for level in levels], dim=1)
        )
