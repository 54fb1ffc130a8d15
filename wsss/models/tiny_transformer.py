"""Backbone `tiny_transformer`: a sibling of DeiT, small enough to train on two cores, at stride 8."""

from __future__ import annotations

from functools import partial
from typing import Any

from timm.layers import PatchEmbed
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from wsss.models.conv_block import conv_block


class ConvStem(PatchEmbed):
    """Three stride-2 convolutions in place of one 8x8 patch projection.

    From a thousand scenes a plain projection learns colour and little else; a convolutional stem learns shapes.
    """

    def __init__(self, embed_dim: int = 128, **kwargs: Any):
        super().__init__(embed_dim=embed_dim, **kwargs)
        width = embed_dim // 4
        stem = nn.Sequential(
            conv_block(3, width, stride=2),
            conv_block(width, 2 * width, stride=2),
            conv_block(2 * width, 2 * width),
            conv_block(2 * width, embed_dim, stride=2),
            nn.Conv2d(embed_dim, embed_dim, 1),
        )
        self.add_module("proj", stem)  # in place of the single convolution, as which timm declares it


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
