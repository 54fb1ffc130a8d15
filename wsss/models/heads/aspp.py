"""Head `aspp` (DeepLab-v2, Chen et al., TPAMI 2018)."""

from __future__ import annotations

from torch import Tensor, nn


class Aspp(nn.Module):
    """Atrous spatial pyramid: four dilated 3x3 classifiers, added up."""

    def __init__(self, channels: int, classes: int):
        super().__init__()
        self.branches = nn.ModuleList()
        for rate in (6, 12, 18, 24):
            branch = nn.Conv2d(channels, classes, 3, padding=rate, dilation=rate)
            self.branches.append(branch)
        for branch in self.branches:
            nn.init.normal_(branch.weight, std=0.01)
            nn.init.zeros_(branch.bias)

    def forward(self, features: Tensor) -> Tensor:
        first, *others = (branch(features) for branch in self.branches)
        return sum(others, start=first)
