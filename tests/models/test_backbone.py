"""Backbones: any network as a maker of dense features, and what cannot be one."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from wsss.config.kinds import network_kind
from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.freeze import freeze
from wsss.models.seed_network import ActivationNetwork

DEIT = "deit_small_patch16_224"


def images(height: int = 64, width: int = 48, count: int = 2) -> torch.Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("name", "asked", "stride", "features", "pyramid"),
    [
        ("tiny_transformer", 8, 8, 128, (128, 128, 128)),
        ("tiny_cnn", 8, 8, 128, (48, 96, 128)),
        (DEIT, 8, 16, 384, (384, 384, 384)),
        ("deit_tiny_distilled_patch16_224", 8, 16, 192, (192, 192, 192)),
        ("resnet50", 8, 8, 2048, (512, 1024, 2048)),
        ("resnet50", 16, 16, 2048, (512, 1024, 2048)),
        ("resnet50", 32, 32, 2048, (512, 1024, 2048)),
        ("tf_efficientnet_lite0", 8, 8, 1280, (40, 112, 320)),
        ("tf_efficientnet_lite0", 16, 16, 1280, (40, 112, 320)),
        ("mobilenetv3_small_100", 8, 32, 576, (24, 48, 576)),  # timm cannot give it another stride
        ("ghostnet_100", 8, 32, 960, (40, 80, 160)),  # nor this one, and it says so by an assertion
    ],
)
def test_features_and_pyramid_have_the_promised_shapes(name, asked, stride, features, pyramid):
    backbone = create_backbone(name, None, asked).eval()
    assert (backbone.stride, backbone.num_features, backbone.pyramid_channels) == (stride, features, pyramid)
    with torch.no_grad():
        assert backbone(images(64, 96, 1)).shape == (1, features, 64 // stride, 96 // stride)
        maps = backbone.forward_pyramid(images(64, 96, 1))
    assert tuple(level.shape[1] for level in maps) == pyramid
    assert maps[-1].shape[-2:] == (64 // stride, 96 // stride)


@pytest.mark.parametrize("name", ["tiny_transformer", "tiny_cnn", DEIT])
def test_deepest_map_of_the_pyramid_is_the_dense_features(name):
    backbone = create_backbone(name, None).eval()
    with torch.no_grad():
        assert torch.allclose(backbone.forward_pyramid(images())[-1], backbone(images()), atol=1e-5)


def test_position_embedding_is_resampled_to_the_image():
    backbone = create_backbone(DEIT, None).eval()
    with torch.no_grad():
        backbone.network.pos_embed.normal_()
        assert backbone(images(64, 48)).shape == (2, 384, 4, 3)
        row = backbone(torch.zeros(1, 3, 64, 48))[0, :, 0]
    assert not torch.allclose(row[:, 0], row[:, 2])  # positions of a blank image differ by their embedding alone


def test_positions_of_the_map_are_those_of_the_image():
    """A change in one patch changes a convolution-free embedding there most: rows and columns are not swapped."""
    backbone = create_backbone(DEIT, None).eval()
    changed = images()
    changed[..., 32:48, 16:32] += 3  # patch in row 2, column 1
    with torch.no_grad():
        difference = (backbone(changed) - backbone(images())).abs().sum((0, 1))
    assert difference.argmax().item() == 2 * 3 + 1


@pytest.mark.parametrize("name", ["tiny_transformer", DEIT])
def test_transformer_takes_images_that_are_not_whole_patches(name):
    backbone = create_backbone(name, None).eval()
    with torch.no_grad():
        height, width = round(70 / backbone.stride), round(50 / backbone.stride)
        assert backbone(images(70, 50)).shape[-2:] == (height, width)
        assert backbone.forward_pyramid(images(70, 50))[-1].shape[-2:] == (height, width)
        assert backbone.patch_affinity(images(70, 50))[1].shape[1:] == (height * width, height * width)
        assert backbone(images(3, 5)).shape[-2:] == (1, 1)


@pytest.mark.parametrize("name", ["tiny_transformer", "deit_tiny_distilled_patch16_224"])
def test_patch_affinity_is_the_sum_over_layers_of_the_heads_mean_attention(name):
    backbone = create_backbone(name, None).eval()
    network, seen = backbone.network, []
    for block in network.blocks:  # the attention, from each block's own input, by the definition
        block.attn.register_forward_pre_hook(lambda module, inputs: seen.append((module, inputs[0])))
    with torch.no_grad():
        features, affinity = backbone.patch_affinity(images())
        plain = backbone(images())
        expected = 0
        for module, x in seen[: len(network.blocks)]:
            batch, tokens, width = x.shape
            q, k, _ = module.qkv(x).reshape(batch, tokens, 3, module.num_heads, -1).permute(2, 0, 3, 1, 4)
            attention = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(-1).mean(1)
            assert torch.allclose(attention.sum(-1), torch.ones(batch, tokens), atol=1e-5)
            prefix = network.num_prefix_tokens
            expected = expected + attention[:, prefix:, prefix:]
    assert torch.allclose(affinity, expected, atol=1e-5)
    assert (affinity.sum(-1) < len(network.blocks)).all()  # the rest of each row went to the prefix tokens
    assert torch.allclose(features, plain, atol=1e-5)


def test_patch_affinity_leaves_the_network_as_it_was():
    backbone = create_backbone("tiny_transformer", None).eval()
    before = [block.attn.fused_attn for block in backbone.network.blocks]
    with torch.no_grad():
        backbone.patch_affinity(images())
    assert [block.attn.fused_attn for block in backbone.network.blocks] == before
    assert not any(block.attn.attn_drop._forward_hooks for block in backbone.network.blocks)


def test_kinds():
    known = {
        "tiny_cnn": "cnn",
        "resnet38": "cnn",
        "resnet50.a1_in1k": "cnn",
        "convnext_tiny": "cnn",
        "tiny_transformer": "transformer",
        "vit_base_patch16_224.augreg_in21k": "transformer",
        "deit3_small_patch16_224": "transformer",
    }
    assert {name: network_kind(name) for name in known} == known


def test_normalisation_is_that_of_the_network():
    assert create_backbone("tf_efficientnet_lite0", None).mean == (0.5, 0.5, 0.5)
    assert create_backbone("tiny_cnn", None).mean == (0.485, 0.456, 0.406)


def test_unknown_network_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'resnet50'"):
        create_backbone("resnt50", None)


@pytest.mark.parametrize("name", ["swin_tiny_patch4_window7_224", "vit_tiny_r_s16_p8_224", "mixer_s16_224"])
def test_network_of_a_third_kind_is_refused(name):
    with pytest.raises(InputError, match="neither a plain vision transformer nor convolutional"):
        create_backbone(name, None)


@pytest.mark.parametrize("name", ["mambaout_femto", "hiera_tiny_224"])
def test_network_without_a_feature_map_is_refused(name):
    with pytest.raises(InputError, match=f"{name}.*no feature map"):
        create_backbone(name, None)


def test_transformer_with_other_blocks_is_refused():
    with pytest.raises(InputError, match="not DeiT's"):
        create_backbone("vit_small_patch16_18x2_224", None)


@pytest.mark.parametrize("name", ["tiny_transformer", "tiny_cnn"])
def test_network_that_nobody_published_weights_of_has_no_imagenet(name):
    with pytest.raises(InputError, match=f"no ImageNet weights of '{name}'.*name a file, or null"):
        create_backbone(name, "imagenet")


def test_download_that_fails_says_how_to_do_without(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="could not be downloaded .*give a file"):
        create_backbone(DEIT, "imagenet")


def test_weights_of_a_file_are_loaded(tmp_path):
    one = create_backbone("tiny_cnn", None)
    save_file(one.network.state_dict(), tmp_path / "w.safetensors")
    other = create_backbone("tiny_cnn", tmp_path / "w.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_classifier_in_the_file_is_left_out_and_named(tmp_path, capsys):
    weights = create_backbone("tiny_cnn", None).network.state_dict() | {"fc.weight": torch.zeros(10, 128)}
    save_file(weights, tmp_path / "w.safetensors")
    create_backbone("tiny_cnn", tmp_path / "w.safetensors")
    assert "fc.weight" in capsys.readouterr().err


def test_weights_of_another_network_are_refused(tmp_path):
    save_file(create_backbone("tiny_cnn", None).network.state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(InputError, match="w.safetensors: weights of another network"):
        create_backbone("tiny_transformer", tmp_path / "w.safetensors")


def test_new_network_drops_nothing():
    backbone = create_backbone("tiny_transformer", None).train()
    assert torch.equal(backbone.network.blocks(torch.ones(1, 5, 128)), backbone.network.blocks(torch.ones(1, 5, 128)))


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


def test_nothing_is_frozen_unless_asked_for():
    assert frozen("tiny_cnn", "none")[1] == set()


def test_imagenet_weights_of_resnet38_are_fetched_before(tmp_path, monkeypatch):
    monkeypatch.setattr("wsss.models.create_backbone.ResNet38", lambda **_: torch.nn.Identity())  # spares 100 M weights
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"archives/ilsvrc\S+: no ImageNet weights of 'resnet38' yet; fetch them"):
        create_backbone("resnet38", "imagenet", 8)
