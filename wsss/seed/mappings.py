"""Mappings from activations to one score per class (paper, eqs. 3, 6, 8 and 10).

Each takes z (B, C, h, w), log alpha (B, C+1, h, w) and tau1, and returns scores (B, C). Adding one is a function here,
a line in `MAPPINGS`, and its name as a choice of `seed.mapping` in `wsss.config.blocks`.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

LSE_SHARPNESS = 5.0  # r of Pinheiro & Collobert


def cam(z: Tensor, log_alpha: Tensor, tau1: float | None) -> Tensor:
    """Global average pooling (eq. 3)."""
    return z.flatten(2).mean(-1)


def mil(z: Tensor, log_alpha: Tensor, tau1: float | None) -> Tensor:
    """Log-sum-exp pooling (Pinheiro & Collobert 2015): (1/r) log mean exp(r z)."""
    positions = z.flatten(2)
    return (torch.logsumexp(LSE_SHARPNESS * positions, -1) - math.log(positions.shape[-1])) / LSE_SHARPNESS


def cm(z: Tensor, log_alpha: Tensor, tau1: float | None) -> Tensor:
    """Activation shape controlling (eq. 8): positions weighted by alpha^(1/tau1).

    The weights are normalised over positions, so they are a softmax over positions of log(alpha)/tau1: the same
    ratio, without the underflow of alpha^(1/tau1) at small tau1.
    """
    weights = (log_alpha[:, :-1] / tau1).flatten(2).softmax(-1)
    return (weights * z.flatten(2)).sum(-1)


def mct(tokens: Tensor, log_alpha: None, tau1: None) -> Tensor:
    """The mean of each output class token (B, C, D) over its channels (MCTformer-V1; eq. 10 stands for it).

    In place of activations this mapping has class tokens, and hence no alpha.
    """
    return tokens.mean(-1)


MAPPINGS = {"cam": cam, "mil": mil, "mct": mct, "cm": cm}
