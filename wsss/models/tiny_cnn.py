"""Backbone `tiny_cnn`: a sibling of ResNet38, small enough to train on two cores, at stride 8."""

from __future__ import annotations

from typing import cast

import torch
from timm.layers import DropPath, calculate_drop_path_rates
from torch import Tensor, nn

from wsss.models.conv_block import conv_block


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, with drop path on the residual branch."""

    def __init__(self, inputs: int, outputs: int, stride: int, dilation: int, drop_path: float):
        super().__init__()
        self.conv1 = conv_block(inputs, outputs, stride, dilation)
        self.conv2 = conv_block(outputs, outputs, 1, dilation)[:2]
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.shortcut(x) + self.drop_path(self.conv2(self.conv1(x))))


class TinyCnn(nn.Module):
    """A residual network with maps at strides 2, 4, 8 and 8 (dilated), 24 to 128 channels wide."""

    widths = (24, 48, 96, 128)

    def __init__(self, drop_path_rate: float = 0.0):
        super().__init__()
        rates = cast(list[float], calculate_drop_path_rates(drop_path_rate, 5))  # flat for a number of blocks
        w1, w2, w3, w4 = self.widths
        self.stem = conv_block(3, w1, stride=2)
        self.stage1 = nn.Sequential(ResidualBlock(w1, w2, 2, 1, rates[0]), ResidualBlock(w2, w2, 1, 1, rates[1]))
        self.stage2 = nn.Sequential(ResidualBlock(w2, w3, 2, 1, rates[2]), ResidualBlock(w3, w3, 1, 1, rates[3]))
        self.stage3 = ResidualBlock(w3, w4, 1, 2, rates[4])

    def forward_pyramid(self, images: Tensor) -> list[Tensor]:
        """Return the maps of stage 1 (stride 4), 2 and 3 (stride 8) for images (B, 3, H, W)."""
        maps = [self.stage1(self.stem(images))]
        for stage in (self.stage2, self.stage3):
            maps.append(stage(maps[-1]))
        return maps

    def forward_features(self, images: Tensor) -> Tensor:
        """Return the last map, (B, 128, H/8, W/8)."""
        return self.forward_pyramid(images)[-1]
