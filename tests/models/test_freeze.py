"""Which layers `freeze` leaves as they are."""

from __future__ import annotations

import pytest
import torch

from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.freeze import freeze
from wsss.models.seed_network import ActivationNetwork


def frozen(name: str, what: str) -> tuple[ActivationNetwork, set[str]]:
    network = ActivationNetwork(create_backbone(name, None), 3).train()
    freeze(network, what)
    return network, {
        key.removeprefix("backbone.network.") for key, p in network.named_parameters() if not p.requires_grad
    }


@pytest.mark.parametrize(
    ("name", "stem", "first_trained"),
    [
        (
            "tiny_cnn",
            {"stem.0.weight", "stage1.0.conv1.0.weight", "stage1.1.conv2.0.weight"},
            "stage2.0.conv1.0.weight",
        ),
        ("resnet18", {"conv1.weight", "layer1.0.conv1.weight", "layer1.1.conv2.weight"}, "layer2.0.conv1.weight"),
        ("tf_efficientnet_lite0", {"conv_stem.weight", "blocks.0.0.conv_dw.weight"}, "blocks.1.0.conv_pw.weight"),
        ("convnext_atto", {"stem.0.weight", "stages.0.blocks.0.conv_dw.weight"}, "stages.1.blocks.0.conv_dw.weight"),
        ("tiny_transformer", {"patch_embed.proj.0.0.weight", "blocks.0.attn.qkv.weight"}, "blocks.1.attn.qkv.weight"),
    ],
)
def test_frozen_stem_is_the_stem_and_the_first_stage(name, stem, first_trained):
    _, names = frozen(name, "stem")
    assert stem <= names and first_trained not in names


def test_frozen_batch_norm_is_every_one_of_the_backbone_and_nothing_else():
    network, names = frozen("tiny_cnn", "batch_norm")
    norms = {name for name, m in network.backbone.network.named_modules() if isinstance(m, torch.nn.BatchNorm2d)}
    assert names == {f"{norm}.{what}" for norm in norms for what in ("weight", "bias")}
    assert not any(network.backbone.network.get_submodule(norm).training for norm in norms)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        *(("tiny_cnn", "stem.0"), ("resnet18", "conv1"), ("tf_efficientnet_lite0", "conv_stem")),
        *(("tiny_transformer", "patch_embed.proj.0.0"), ("resnet10t", "conv1.0")),
    ],
)
def test_frozen_first_convolution_is_that_alone_beside_batch_norm(name, first):
    of_norms = frozen(name, "batch_norm")[1]
    assert frozen(name, "first_convolution")[1] - of_norms == {f"{first}.weight"}


def test_behind_a_frozen_trunk_two_blocks_the_norm_and_the_head_are_trained():
    network, names = frozen("vit_tiny_patch16_224", "trunk")
    trained = {key.removeprefix("backbone.network.") for key, p in network.named_parameters() if p.requires_grad}
    assert {key.split(".")[1] for key in trained if key.startswith("blocks.")} == {"10", "11"}
    assert {key for key in trained if not key.startswith("blocks.")} == {
        *("cls_token", "norm.weight", "norm.bias", "head.weight")
    }
    assert {"pos_embed", "patch_embed.proj.weight", "blocks.9.mlp.fc2.bias"} <= names
    network(torch.randn(1, 3, 224, 224)).sum().backward()
    assert network.backbone.network.blocks[10].attn.qkv.weight.grad is not None


@pytest.mark.parametrize("name", ["tiny_cnn", "resnet18"])
def test_a_trunk_is_of_transformers_with_more_than_two_blocks(name):
    with pytest.raises(InputError, match="choose stem"):
        frozen(name, "trunk")


def test_nothing_is_frozen_unless_asked_for():
    assert frozen("tiny_cnn", "none")[1] == set()
