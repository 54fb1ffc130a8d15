"""Head `large_fov` (DeepLab-v1, Chen et al., ICLR 2015)."""

from __future__ import annotations

from torch import nn


def large_fov(channels: int, classes: int) -> nn.Module:
    """A large field of view: two 3x3 convolutions, dilated by 12."""
    return nn.Sequential(
        nn.Conv2d(channels, 512, 3, padding=12, dilation=12),
        nn.ReLU(inplace=True),
        nn.Conv2d(512, classes, 3, padding=12, dilation=12),
    )
