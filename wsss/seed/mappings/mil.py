"""Mapping `mil`: a smooth maximum (Pinheiro & Collobert, CVPR 2015; a row of the paper's table 8)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from wsss.seed.mappings.base import Mapping

SHARPNESS = 5.0  # r, as published


class Mil(Mapping):
    """Log-sum-exp pooling: (1/r) log mean exp(r z)."""

    def scores(self, output: Tensor, log_alpha: Tensor | None) -> Tensor:
        positions = output.flatten(2)
        return (torch.logsumexp(SHARPNESS * positions, -1) - math.log(positions.shape[-1])) / SHARPNESS
