"""alpha: the share of each class and of the background at a position."""

from __future__ import annotations

import math

import pytest
import torch

from wsss.seed.distribution import log_alpha

BACKGROUND = 1.0


def maps(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return activations drawn from a normal distribution."""
    return (scale * torch.randn(*shape, generator=torch.Generator().manual_seed(1))).to(dtype)


def test_alpha_adds_up_to_one_with_the_background():
    assert torch.allclose(log_alpha(maps(2, 4, 3, 5, scale=3), BACKGROUND).exp().sum(1), torch.ones(2, 3, 5))


def test_backgrounds_share_of_alpha_is_that_of_its_constant_logit():
    # z = (0, ln 2), background ln 3: exponentials 1, 2, 3 of 6
    z = torch.tensor([0.0, math.log(2)]).reshape(1, 2, 1, 1)
    alpha = log_alpha(z, math.log(3)).exp().flatten()
    assert torch.allclose(alpha, torch.tensor([1.0, 2.0, 3.0]) / 6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_log_alpha_is_finite_float32_for_activations_of_any_size(dtype):
    found = log_alpha(maps(2, 3, 4, 4, scale=2e4, dtype=dtype).clamp(-6e4, 6e4), BACKGROUND)
    assert found.dtype == torch.float32 and found.isfinite().all()
