"""Backbones: any network as a maker of dense features, a pyramid and patch affinities."""

from __future__ import annotations

import pytest
import torch

from wsss.models.create_backbone import create_backbone

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
        assert backbone.with_attention(images(70, 50))[1].affinity().shape[1:] == (height * width, height * width)
        assert backbone(images(3, 5)).shape[-2:] == (1, 1)


@pytest.mark.parametrize("name", ["tiny_transformer", "deit_tiny_distilled_patch16_224"])
def test_patch_affinity_is_the_sum_over_layers_of_the_heads_mean_attention(name):
    backbone = create_backbone(name, None).eval()
    network, seen = backbone.network, []
    for block in network.blocks:  # the attention, from each block's own input, by the definition
        block.attn.register_forward_pre_hook(lambda module, inputs: seen.append((module, inputs[0])))
    with torch.no_grad():
        features, listened = backbone.with_attention(images())
        affinity = listened.affinity()
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
        backbone.with_attention(images())
    assert [block.attn.fused_attn for block in backbone.network.blocks] == before


def test_new_network_drops_nothing():
    backbone = create_backbone("tiny_transformer", None).train()
    assert torch.equal(backbone.network.blocks(torch.ones(1, 5, 128)), backbone.network.blocks(torch.ones(1, 5, 128)))
