"""Two networks small enough to train on two cores: siblings of DeiT and of ResNet38, at stride 8."""

from __future__ import annotations

from functools import partial

import torch
from timm.layers import DropPath, PatchEmbed, calculate_drop_path_rates
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn


def _conv(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class ConvStem(PatchEmbed):
    """Three stride-2 convolutions in place of one 8x8 patch projection.

    From a thousand scenes a plain projection learns colour and little else; a convolutional stem learns shapes.
    """

    def __init__(self, embed_dim: int = 128, **kwargs):
        super().__init__(embed_dim=embed_dim, **kwargs)
        width = embed_dim // 4
        self.proj = nn.Sequential(
            _conv(3, width, stride=2),
            _conv(width, 2 * width, stride=2),
            _conv(2 * width, 2 * width),
            _conv(2 * width, embed_dim, stride=2),
            nn.Conv2d(embed_dim, embed_dim, 1),
        )


def tiny_transformer(drop_path_rate: float = 0.0) -> VisionTransformer:
    """Three of DeiT's blocks, 128 wide with 4 heads, behind a convolutional stem; 8x8 patches."""
    return VisionTransformer(
        img_size=96,
        patch_size=8,
        embed_layer=partial(ConvStem, strict_img_size=False),
        embed_dim=128,
        depth=3,
        num_heads=4,
        num_classes=0,
        dynamic_img_size=True,
        drop_path_rate=drop_path_rate,
    )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut, with drop path on the residual branch."""

    def __init__(self, inputs: int, outputs: int, stride: int, dilation: int, drop_path: float):
        super().__init__()
        self.conv1 = _conv(inputs, outputs, stride, dilation)
        self.conv2 = _conv(outputs, outputs, 1, dilation)[:2]
        self.shortcut = nn.Identity()
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
        rates = calculate_drop_path_rates(drop_path_rate, 5)
        w1, w2, w3, w4 = self.widths
        self.stem = _conv(3, w1, stride=2)
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
