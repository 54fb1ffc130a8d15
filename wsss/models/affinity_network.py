"""AffinityNet (Ahn & Kwak 2018): features whose distance tells whether two positions are of one class."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import elu, interpolate, pad

from wsss.config.blocks import Affinity
from wsss.config.paths import expand_path
from wsss.models.backbone import Backbone, BackboneNetwork
from wsss.models.cells import cell_grid
from wsss.models.create_backbone import create_backbone
from wsss.models.weights import CLASSIFIERS, load_weights, read_weights

_PUBLISHED = {"f8_3.": "levels.0.", "f8_4.": "levels.1.", "f8_5.": "levels.2.", "f9.": "join."}  # PSA's names
_WIDTHS = (64, 128, 256)  # of the three levels, shallow to deep; with ResNet38: conv4, conv5, conv6


def create_affinity_network(settings: Affinity, weights: Path | str | None = None) -> AffinityNetwork:
    """Return the network that parameters ask for.

    weights: of the backbone as `create_backbone` takes them, or a file of a whole AffinityNet, this project's or PSA's
    (`resnet38_aff`).
    """
    if weights not in (None, "imagenet"):
        path = expand_path(str(weights), "affinity.weights")
        read = _own_names(read_weights(path))
        if "join.weight" in read:
            network = AffinityNetwork(create_backbone(settings.backbone, None), settings.stride)
            for message in load_weights(network, read, str(path), allow_missing=CLASSIFIERS):
                print(message, file=sys.stderr)
            return network
    return AffinityNetwork(create_backbone(settings.backbone, weights), settings.stride)


def _own_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return PSA's weights by this project's names; others as they are."""
    before = next((name.removesuffix("f9.weight") for name in weights if name.endswith("f9.weight")), None)
    if before is None:
        return dict(weights)
    own = {}
    for name, value in weights.items():
        name = name.removeprefix(before)
        published = next((one for one in _PUBLISHED if name.startswith(one)), None)
        own[f"backbone.network.{name}" if published is None else name.replace(published, _PUBLISHED[published])] = value
    return own


class AffinityNetwork(BackboneNetwork):
    """1x1 convolutions on three depths of a backbone, joined by a fourth.

    Args:
        backbone: any; its last three levels are used, or those it has.
        stride: pixels per position of the affinity features; levels of another stride are resized.
    """

    def __init__(self, backbone: Backbone, stride: int):
        super().__init__()
        self.backbone, self.stride = backbone, stride
        channels = backbone.pyramid_channels[-3:]
        widths = _WIDTHS[-len(channels) :]
        levels = [nn.Conv2d(inputs, outputs, 1, bias=False) for inputs, outputs in zip(channels, widths, strict=True)]
        self.levels = nn.ModuleList(levels)
        self.join = nn.Conv2d(sum(widths), sum(widths), 1, bias=False)
        for level in levels:
            nn.init.kaiming_normal_(level.weight)
        nn.init.xavier_uniform_(self.join.weight, gain=4)

    def own_weights(self, weights: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
        """Return `weights` by this network's names, if they are PSA's AffinityNet with ResNet38."""
        return _own_names(weights)

    def forward(self, images: Tensor) -> Tensor:
        """Return affinity features (B, 448, ceil(H/stride), ceil(W/stride)) of images (B, 3, H, W).

        As published, images are padded with the mean colour, right and below, to whole positions: so the features lie
        on the cells of seeds and labels (`wsss.models.cells`), whatever the levels' strides and the patch size.
        """
        height, width = images.shape[-2:]
        multiple = math.lcm(self.stride, self.backbone.stride)
        images = pad(images, (0, -width % multiple, 0, -height % multiple))
        size = [side // self.stride for side in images.shape[-2:]]
        pyramid = self.backbone.forward_pyramid(images)[-len(self.levels) :]
        maps = []
        for level, features in zip(self.levels, pyramid, strict=True):
            reduced = elu(level(features))
            if list(reduced.shape[-2:]) != size:
                reduced = interpolate(reduced, size, mode="bilinear", align_corners=False)
            maps.append(reduced)
        rows, columns = cell_grid((height, width), self.stride)
        return elu(self.join(torch.cat(maps, dim=1)))[..., :rows, :columns]
