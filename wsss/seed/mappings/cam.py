"""Mapping `cam`: the mean (paper, eq. 3)."""

from __future__ import annotations

from torch import Tensor

from wsss.seed.mappings.base import Mapping


class Cam(Mapping):
    """Global average pooling: the score of a class is the mean of z over positions (Zhou et al., CVPR 2016)."""

    def scores(self, output: Tensor, log_alpha: Tensor | None) -> Tensor:
        return output.flatten(2).mean(-1)
