"""alpha, the mappings from activations to scores, the agreement of two views, and the loss made of them."""

from __future__ import annotations

import math

import pytest
import torch
from small import seed_settings
from torch.nn.functional import binary_cross_entropy_with_logits

from wsss.config.choices import MAPPINGS
from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement
from wsss.seed.task import SeedTask

BACKGROUND = 1.0


def maps(*shape: int, scale: float = 1.0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Return activations drawn from a normal distribution."""
    return (scale * torch.randn(*shape, generator=torch.Generator().manual_seed(1))).to(dtype)


def score(name: str, z: torch.Tensor, tau1: float = 1.0, background: float = BACKGROUND) -> torch.Tensor:
    none = {"regularization": "none"} if not MAPPINGS[name].has_alpha else {}
    mapping = MAPPINGS[name].load()(seed_settings(mapping=name, tau1=tau1, background_logit=background, **none))
    return mapping.scores(z, mapping.log_alpha(z))


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


def test_agreement_by_hand():
    # Two channels, one position, tau2 = 1/2: powers of 2. teacher (1/4, 3/4), student (1/2, 1/2):
    # -(1/4) * ((1/16) 2 ln(1/2) + (9/16) 2 ln(1/2)) = (1/4) (10/16) 2 ln 2
    teacher = torch.tensor([0.25, 0.75]).log().reshape(1, 2, 1, 1)
    student = torch.tensor([0.5, 0.5]).log().reshape(1, 2, 1, 1)
    assert agreement(teacher, student, 0.5).item() == pytest.approx(0.25 * 0.625 * 2 * math.log(2), rel=1e-6)


def test_agreement_is_the_mean_over_positions_and_images():
    a, b = log_alpha(maps(1, 3, 1, 2), BACKGROUND), log_alpha(maps(1, 3, 1, 2).flip(1), BACKGROUND)
    each = [agreement(a[..., i : i + 1], b[..., i : i + 1], 0.1) for i in range(2)]
    assert agreement(a, b, 0.1).item() == pytest.approx((sum(each) / 2).item(), rel=1e-6)
    stacked = [torch.cat([view, view]) for view in (a, b)]
    assert torch.allclose(agreement(*stacked, 0.1), agreement(a, b, 0.1))


def test_agreement_of_identical_views_is_the_sharpened_entropy_without_renormalised_powers():
    logs = log_alpha(maps(2, 3, 4, 5), BACKGROUND)
    alpha, tau2 = logs.double().exp(), 0.1
    expected = -(tau2**2) * (alpha ** (1 / tau2) * alpha.log() / tau2).sum(1).mean()
    assert agreement(logs, logs, tau2).item() == pytest.approx(expected.item(), rel=1e-5)


def test_agreement_gives_the_teacher_no_gradient():
    teacher = maps(1, 3, 2, 2).requires_grad_()
    student = (2 * maps(1, 3, 2, 2)).requires_grad_()
    agreement(log_alpha(teacher, BACKGROUND), log_alpha(student, BACKGROUND), 0.1).backward()
    assert teacher.grad is None and student.grad.abs().sum() > 0


def test_agreement_is_finite_where_float16_ends():
    student = maps(2, 3, 4, 4, scale=1e4, dtype=torch.float16).requires_grad_()
    teacher = maps(2, 3, 4, 4, scale=1e4, dtype=torch.float16).flip(1)
    loss = agreement(log_alpha(teacher, BACKGROUND), log_alpha(student, BACKGROUND), 0.1)
    loss.backward()
    assert loss.isfinite() and student.grad.isfinite().all()


class Fixed(torch.nn.Module):
    """A seed network that gives the same activations whatever it sees."""

    def __init__(self, z: torch.Tensor):
        super().__init__()
        self.z = torch.nn.Parameter(z)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.z


def test_loss_is_binary_cross_entropy_of_the_mappings_scores():
    # mapping cam, z constant: scores (0, ln 3), labels (1, 0): mean of ln 2 and ln 4
    z = torch.tensor([0.0, math.log(3)]).reshape(1, 2, 1, 1).expand(1, 2, 2, 2).clone()
    network = Fixed(z)
    task = SeedTask(network, seed_settings(mapping="cam", regularization="none"))
    losses = task.loss(network, {"image": torch.zeros(1, 3, 4, 4), "labels": torch.tensor([[1.0, 0.0]])})
    assert losses["loss"].item() == pytest.approx((math.log(2) + math.log(4)) / 2, rel=1e-6)


def test_total_is_classification_plus_lambda_agreement():
    from wsss.models.create_backbone import create_backbone
    from wsss.models.seed_network import ActivationNetwork

    network = ActivationNetwork(create_backbone("tiny_transformer", None), 2)
    task = SeedTask(network, seed_settings(regularization_weight=0.5))
    task.before_step(0.0)
    losses = task.loss(network, {"image": torch.randn(2, 3, 32, 32), "labels": torch.tensor([[1.0, 0.0], [0.0, 1.0]])})
    assert losses["agreement"] > 0
    assert torch.allclose(losses["loss"], losses["classification"] + 0.5 * losses["agreement"])
