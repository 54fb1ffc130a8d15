"""Head `aspp` (DeepLab-v2, Chen et al., TPAMI 2018)."""

from __future__ import annotations

from torch import Tensor, nn


class Aspp(nn.Module):
    """Atrous spatial pyramid: four dilated 3x3 classifiers, added up."""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        branches = [nn.Conv2d(channels, classes, 3, padding=rate, dilation=rate) for rate in (6, 12, 18, 24)]
        self.branches = nn.ModuleList(branches)
        for branch in branches:
            nn.init.normal_(branch.weight, std=0.01)
            assert branch.bias is not None  # a Conv2d has one unless told otherwise
            nn.init.zeros_(branch.bias)

    def forward(self, features: Tensor) -> Tensor:
        first, *others = (branch(features) for branch in self.branches)
        return sum(others, start=first)
