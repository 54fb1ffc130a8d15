"""Head `small`: for small images."""

from __future__ import annotations

from torch import nn


def small(channels: int, classes: int) -> nn.Module:
    """A 1x1 convolution that joins the levels and a 3x3 classifier, without dilation."""
    return nn.Sequential(
        nn.Conv2d(channels, 96, 1, bias=False),
        nn.BatchNorm2d(96),
        nn.ReLU(inplace=True),
        nn.Conv2d(96, classes, 3, padding=1),
    )
