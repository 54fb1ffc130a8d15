"""The optimisers and schedules of params.yaml: which parameter learns how fast, and when."""

from __future__ import annotations

import math

import pytest
import torch
from small import Toy, seed_settings

from wsss.training.optimizer import make_optimizer, make_scheduler


@pytest.mark.parametrize("backbone", ["tiny_transformer", "tiny_cnn"])  # adamw and sgd
def test_learning_rates_and_decays_by_kind_of_parameter(backbone):
    network, settings = Toy(), seed_settings(backbone=backbone).optimizer  # new_layer_lr 10, bias_lr 2, decay 0.1
    optimizer = make_optimizer(network, settings, batch_size=2)
    make_scheduler(optimizer, settings, 5, 10).step_update(0)
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    found = {
        names[id(parameter)]: (round(group["lr"] / 0.01), group["weight_decay"])
        for group in optimizer.param_groups
        for parameter in group["params"]
    }
    assert found == {
        "backbone.network.conv.weight": (1, 0.1),
        "backbone.network.conv.bias": (2, 0.0),
        "backbone.network.norm.weight": (1, 0.0),
        "backbone.network.norm.bias": (2, 0.0),
        "backbone.network.pos_embed": (1, 0.0),
        "head.weight": (10, 0.1),
        "head.bias": (20, 0.0),
    }


def test_optimizer_is_the_one_asked_for():
    adamw = make_optimizer(Toy(), seed_settings().optimizer, 2)
    sgd = make_optimizer(Toy(), seed_settings(backbone="tiny_cnn").optimizer, 2)
    assert isinstance(adamw, torch.optim.AdamW) and isinstance(sgd, torch.optim.SGD)
    assert sgd.param_groups[0]["momentum"] == 0.9


def test_learning_rate_is_for_its_reference_batch():
    settings = seed_settings(optimizer__lr=5e-4, optimizer__lr_reference_batch=512).optimizer
    assert make_optimizer(Toy(), settings, 64).param_groups[0]["lr"] == pytest.approx(5e-4 * 64 / 512)


def learning_rates(steps: int = 100, per_epoch: int = 10, **overrides) -> list[float]:
    settings = seed_settings(**{f"optimizer__{key}": value for key, value in overrides.items()}).optimizer
    optimizer = make_optimizer(Toy(), settings, 2)
    scheduler, rates = make_scheduler(optimizer, settings, per_epoch, steps), []
    for step in range(steps):
        scheduler.step_update(step)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


def test_poly_decays_with_power_0_9():
    rates = learning_rates(schedule="poly")
    for step in (0, 1, 50, 99):
        assert rates[step] == pytest.approx(0.01 * (1 - step / 100) ** 0.9)


def test_cosine_decays_to_its_minimum():
    rates = learning_rates(schedule="cosine", min_lr=0.001)
    for step in (0, 25, 50, 99):
        assert rates[step] == pytest.approx(0.001 + 0.009 * 0.5 * (1 + math.cos(math.pi * step / 100)))


def test_warm_up_rises_linearly_and_joins_the_cosine():
    rates = learning_rates(schedule="cosine", warmup_epochs=2)  # 20 steps, from 1e-6
    assert rates[0] == pytest.approx(1e-6)
    assert rates[10] == pytest.approx(1e-6 + (0.01 - 1e-6) / 2)
    assert rates[20] == pytest.approx(0.01 * 0.5 * (1 + math.cos(math.pi * 20 / 100)))


def test_warm_up_longer_than_the_training_is_cut():
    assert all(math.isfinite(rate) and rate > 0 for rate in learning_rates(3, 10, warmup_epochs=2, schedule="cosine"))
