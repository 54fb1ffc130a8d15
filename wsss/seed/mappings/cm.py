"""Mapping `cm`: controls the shape of the activation (paper, eq. 8)."""

from __future__ import annotations

from torch import Tensor

from wsss.seed.mappings.base import Mapping


class Cm(Mapping):
    """Positions weighted by alpha^(1/tau1); eq. 6 at tau1 = 1, and `cam` as tau1 grows.

    The weights are normalised over positions, so they are a softmax over positions of log(alpha)/tau1: the same
    ratio, without the underflow of alpha^(1/tau1) at small tau1.
    """

    def scores(self, output: Tensor, log_alpha: Tensor | None) -> Tensor:
        assert log_alpha is not None  # `has_alpha` in the table of choices
        weights = (log_alpha[:, :-1] / self.settings.tau1).flatten(2).softmax(-1)
        return (weights * output.flatten(2)).sum(-1)
