"""Architecture adjustment: an EMA teacher, and a student whose drop rates rise by a schedule."""

from __future__ import annotations

import pytest
import torch
from small import seed_settings
from timm.layers import DropPath
from torch import nn

from wsss.config.choices import AGREEMENTS
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import ActivationNetwork
from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement
from wsss.seed.regularization.architecture_adjustment import ArchitectureAdjustment


def adjusted(backbone: str = "tiny_transformer", head_dropout: float = 0.0, **overrides):
    torch.manual_seed(0)
    network = ActivationNetwork(create_backbone(backbone, None), 3, head_dropout)
    network.train()
    return network, ArchitectureAdjustment(network, seed_settings(**overrides))


def rates(network: ActivationNetwork) -> list[float]:
    return [module.drop_prob for module in network.modules() if isinstance(module, DropPath)]


def dropouts(network: ActivationNetwork) -> dict[str, float]:
    kinds = nn.Dropout, nn.Dropout2d
    return {name: module.p for name, module in network.named_modules() if isinstance(module, kinds)}


@pytest.mark.parametrize("backbone", ["tiny_transformer", "tiny_cnn"])
def test_teacher_is_the_moving_average_of_weights_with_the_students_batch_norm_statistics(backbone):
    network, regularization = adjusted(backbone, ema_decay=0.9)
    before = {name: value.clone() for name, value in network.named_parameters()}
    network(torch.randn(2, 3, 32, 32))  # moves the batch norms' statistics
    with torch.no_grad():
        for parameter in network.parameters():
            parameter += torch.randn_like(parameter)
    regularization.after_step(network, torch.zeros(1, 3), torch.ones(1, 3))
    teacher = regularization.teacher.module
    for name, value in teacher.named_parameters():
        expected = 0.9 * before[name] + 0.1 * network.get_parameter(name)
        assert torch.allclose(value, expected, atol=1e-6), name
    statistics = [name for name, _ in network.named_buffers() if "running" in name or "tracked" in name]
    assert statistics
    for name in statistics:
        assert torch.equal(teacher.get_buffer(name), network.get_buffer(name)), name
        assert network.get_buffer(name).abs().sum() > 0


@pytest.mark.parametrize("backbone", ["tiny_transformer", "tiny_cnn"])
def test_teacher_evaluates_but_for_its_drop_path(backbone):
    network, regularization = adjusted(backbone, head_dropout=0.5)
    regularization.before_step(network, 0.5)
    network.train()  # as the train loop does at each epoch
    for module in regularization.teacher.module.modules():
        assert module.training == isinstance(module, DropPath), module
    assert max(rates(regularization.teacher.module)) == pytest.approx(0.05)
    assert set(dropouts(regularization.teacher.module).values()) == {0.0}


@pytest.mark.parametrize("reading", list(AGREEMENTS))
def test_both_views_agree_as_eq_9_is_read(reading):
    network, regularization = adjusted("tiny_cnn", teacher_drop_path=0.0, tau1=1, agreement=reading)
    images = torch.randn(2, 3, 32, 32)
    student = log_alpha(network.eval()(images), 1.0)
    loss = regularization.loss(network, {"image": images}, student)
    assert torch.allclose(loss, agreement(student, student, 0.1, reading))  # the teacher is the same network


def test_teacher_drops_paths():
    network, regularization = adjusted("tiny_cnn", teacher_drop_path=0.9, tau1=1)
    teacher, images = regularization.teacher.module, torch.randn(1, 3, 32, 32)
    with torch.no_grad():
        found = {tuple(teacher(images).flatten().tolist()) for _ in range(10)}
    assert len(found) > 1


def test_teacher_without_drop_path_is_deterministic_although_the_student_drops():
    network, regularization = adjusted("tiny_cnn", head_dropout=0.5, teacher_drop_path=0.0, tau1=1)
    images = torch.randn(1, 3, 32, 32)
    regularization.before_step(network, 1.0)
    with torch.no_grad():
        assert torch.equal(regularization.teacher.module(images), regularization.teacher.module(images))
        assert not torch.equal(network(images), network(images))


@pytest.mark.parametrize("backbone", ["tiny_transformer", "tiny_cnn", "deit_tiny_patch16_224", "resnet18"])
def test_students_drop_path_rises_from_low_to_high_and_over_depth(backbone):
    network, regularization = adjusted(backbone, schedule="linear", drop_path_low=0.05, drop_path_high=0.15)
    for progress, last in ((0.0, 0.05), (0.5, 0.10), (1.0, 0.15)):
        regularization.before_step(network, progress)
        found = rates(network)
        assert found[-1] == pytest.approx(last)
        assert found == sorted(found)


def test_rates_over_depth_are_timms():
    network, regularization = adjusted("tiny_transformer", schedule="fixed")
    regularization.before_step(network, 0.0)
    # Three blocks, each with two drop paths; timm's first block has rate 0 and no drop path at all: 0, 1/2, 1.
    assert rates(network) == pytest.approx([0.075, 0.075, 0.15, 0.15])
    network, regularization = adjusted("tiny_cnn", schedule="fixed", tau1=1)
    regularization.before_step(network, 0.0)
    assert rates(network) == pytest.approx([0, 0.0375, 0.075, 0.1125, 0.15])  # five blocks: 0, 1/4, ... 1


def test_transformer_drops_after_the_position_embedding_and_in_each_block_but_not_on_the_attention():
    network, regularization = adjusted("tiny_transformer", schedule="fixed", dropout_high=0.3)
    regularization.before_step(network, 0.0)
    at = {name for name, p in dropouts(network).items() if p == 0.3}
    blocks = [f"backbone.network.blocks.{block}" for block in range(3)]
    assert at == {"backbone.network.pos_drop"} | {
        f"{block}.{name}" for block in blocks for name in ("attn.proj_drop", "mlp.drop1", "mlp.drop2")
    }


@pytest.mark.parametrize(("head", "dropout", "expected"), [(0.0, 0.3, 0.3), (0.5, 0.01, 0.505), (0.5, 0.0, 0.5)])
def test_cnn_drops_its_last_features_only_by_both_rates_together(head, dropout, expected):
    network, regularization = adjusted("tiny_cnn", head, schedule="fixed", dropout_high=dropout, tau1=1)
    regularization.before_step(network, 0.0)
    assert dropouts(network) == {"dropout": pytest.approx(expected)}


def test_transformers_head_dropout_is_kept():
    network, regularization = adjusted("tiny_transformer", 0.5, schedule="fixed")
    regularization.before_step(network, 0.0)
    assert network.dropout.p == 0.5


def test_t_sets_the_rates_of_the_next_step():
    network, regularization = adjusted(schedule_momentum=0.0)
    regularization.before_step(network, 0.5)
    assert regularization.t == 0 and rates(network)[-1] == pytest.approx(0.05)
    regularization.after_step(network, torch.zeros(1, 3), torch.ones(1, 3))  # probability 0.5
    regularization.before_step(network, 0.5)
    assert regularization.t == 0.5 and rates(network)[-1] == pytest.approx(0.10)


def test_state_survives_a_restart():
    network, regularization = adjusted()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(1)
    regularization.after_step(network, torch.ones(1, 3), torch.ones(1, 3))
    _, fresh = adjusted()
    fresh.load_state_dict(regularization.state_dict())
    assert fresh.schedule.status == regularization.schedule.status > 0
    theirs = regularization.teacher.module.state_dict()
    for name, value in fresh.teacher.module.state_dict().items():
        assert torch.equal(value, theirs[name]), name


def test_teacher_goes_where_the_network_is_trained():
    _, regularization = adjusted()
    regularization.to(torch.device("meta"))
    assert {parameter.device.type for parameter in regularization.teacher.module.parameters()} == {"meta"}


def test_teacher_does_not_learn_by_gradients():
    _, regularization = adjusted()
    assert not any(parameter.requires_grad for parameter in regularization.teacher.module.parameters())
