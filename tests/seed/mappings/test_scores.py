"""The mappings from activations to scores: CAM, MIL, CM."""

from __future__ import annotations

import math

import pytest
import torch
from small import seed_settings
from torch.nn.functional import binary_cross_entropy_with_logits

from wsss.config.choices import MAPPINGS

BACKGROUND = 1.0


def maps(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return activations drawn from a normal distribution."""
    return (scale * torch.randn(*shape, generator=torch.Generator().manual_seed(1))).to(dtype)


def score(name: str, z: torch.Tensor, tau1: float = 1.0, background: float = BACKGROUND) -> torch.Tensor:
    none = {"regularization": "none"} if not MAPPINGS[name].has_alpha else {}
    mapping = MAPPINGS[name].load()(seed_settings(mapping=name, tau1=tau1, background_logit=background, **none))
    return mapping.scores(z, mapping.log_alpha(z))


def test_cam_is_the_mean():
    z = torch.tensor([[1.0, 2.0], [3.0, 6.0]]).reshape(1, 1, 2, 2)
    assert score("cam", z).item() == 3


def test_mil_is_log_sum_exp_pooling():
    # r = 5, z = (0, 0.2, 0.4, 1): 1/5 ln((e^0 + e^1 + e^2 + e^5) / 4)
    z = torch.tensor([0.0, 0.2, 0.4, 1.0]).reshape(1, 1, 2, 2)
    by_hand = math.log((1 + math.e + math.e**2 + math.e**5) / 4) / 5
    assert score("mil", z).item() == pytest.approx(by_hand, rel=1e-6)


def test_mil_of_equal_activations_is_their_value_however_large():
    assert score("mil", torch.full((1, 2, 3, 3), 1e4)).tolist() == [[1e4, 1e4]]


def test_cm_by_hand():
    # One class, two positions, background logit 0: z = (0, ln 3) gives alpha = (1/2, 3/4).
    # tau1 = 1: weights 2/5, 3/5, score 3/5 ln 3.  tau1 = 1/2: alpha^2 = 1/4, 9/16, weights 4/13, 9/13.
    z = torch.tensor([0.0, math.log(3)]).reshape(1, 1, 1, 2)
    assert score("cm", z, 1.0, background=0.0).item() == pytest.approx(3 / 5 * math.log(3), rel=1e-6)
    assert score("cm", z, 0.5, background=0.0).item() == pytest.approx(9 / 13 * math.log(3), rel=1e-6)


def test_cm_at_tau1_of_one_is_equation_6():
    z = maps(2, 4, 5, 3, scale=2)
    wide = torch.cat([z.double(), torch.full((2, 1, 5, 3), BACKGROUND, dtype=torch.float64)], 1)
    alpha = (wide.exp() / wide.exp().sum(1, keepdim=True))[:, :4]
    naive = (alpha * z.double()).sum((2, 3)) / alpha.sum((2, 3))
    assert torch.allclose(score("cm", z, 1.0).double(), naive, rtol=1e-5)


def test_cm_at_an_infinite_tau1_is_cam():
    z = maps(2, 4, 5, 3, scale=3)
    assert torch.allclose(score("cm", z, 1e8), score("cam", z), atol=1e-5)
    assert not torch.allclose(score("cm", z, 1.0), score("cam", z), atol=0.1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", list(MAPPINGS))
def test_scores_and_gradients_are_finite_for_huge_activations(name, dtype):
    z = maps(2, 3, 4, 4, scale=1e4, dtype=dtype).requires_grad_()
    wide = z.float()  # as the task does
    scores = score(name, wide, 0.02)
    binary_cross_entropy_with_logits(scores, torch.ones_like(scores)).backward()
    assert scores.isfinite().all() and z.grad.isfinite().all()
