"""Every family of plain vision transformers: attention against its definition, places, one training step, seeds."""

from __future__ import annotations

import pytest
import torch
from plain_transformers import ALL, SMALL, enliven, make_small
from small import seed_settings
from timm.layers import DropPath
from torch import Tensor, nn

from wsss.config.blocks import Extract
from wsss.models.create_backbone import create_backbone
from wsss.seed.create_network import create_seed_network
from wsss.seed.extraction import extract_seeds
from wsss.seed.task import SeedTask
from wsss.training.optimizer import make_optimizer

pytestmark = pytest.mark.usefixtures("small_networks")


@pytest.fixture
def small_networks(monkeypatch):
    make_small(monkeypatch)


def images(height: int, width: int, count: int = 2) -> Tensor:
    return torch.randn(count, 3, height, width, generator=torch.Generator().manual_seed(0))


def rotated(x: Tensor, rope: Tensor, half: bool) -> Tensor:
    """Turn pairs of channels of x (B, heads, N, d) by angles, as complex numbers; `rope`: their sines, then cosines."""
    sine, cosine = (part.expand(*x.shape[1:]) for part in rope.chunk(2, -1))
    first, second = x.chunk(2, -1) if half else (x[..., ::2], x[..., 1::2])
    pairs = slice(0, x.shape[-1] // 2) if half else slice(0, None, 2)
    turned = torch.complex(first, second) * torch.complex(cosine[..., pairs], sine[..., pairs])
    if half:
        return torch.cat([turned.real, turned.imag], -1)
    return torch.stack([turned.real, turned.imag], -1).flatten(-2)


def plain_attention(module: nn.Module, x: Tensor, rope: Tensor | None, prefix: int) -> tuple[Tensor, Tensor]:
    """Return the attention (B, heads, N, N) of tokens x (B, N, D) by the definition, and what comes of it."""
    batch, count, _ = x.shape
    if getattr(module, "q_proj", None) is not None:
        projected = [module.q_proj(x), module.k_proj(x), module.v_proj(x)]
    else:
        bias = module.qkv.bias
        if getattr(module, "q_bias", None) is not None:
            bias = torch.cat([module.q_bias, torch.zeros_like(module.q_bias), module.v_bias])
        projected = nn.functional.linear(x, module.qkv.weight, bias).chunk(3, -1)
    q, k, v = (part.reshape(batch, count, module.num_heads, -1).transpose(1, 2) for part in projected)
    q, k = module.q_norm(q), module.k_norm(k)
    if rope is not None:
        q, k = (torch.cat([t[:, :, :prefix], rotated(t[:, :, prefix:], rope, module.rotate_half)], 2) for t in (q, k))
    attention = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(-1)
    return attention, module.proj(module.norm((attention @ v).transpose(1, 2).flatten(2)))


@pytest.mark.parametrize("name", SMALL)
@torch.no_grad()
def test_attention_is_that_of_the_definition_rotations_included(name):
    """On an image that is neither square nor of whole patches; and the output is what that attention makes of v."""
    backbone = create_backbone(name, None).eval()
    network, calls = enliven(backbone.network), []

    def note(module: nn.Module, inputs: tuple, options: dict, output: Tensor) -> None:
        calls.append((module, inputs[0], options.get("rope"), output))

    photo = images(70, 50)
    hooks = [block.attn.register_forward_hook(note, with_kwargs=True) for block in network.blocks]
    plain = backbone(photo)  # by the fused kernel, where torch has one
    for hook in hooks:
        hook.remove()
    tokens, size, attention = backbone.tokens_and_attention(photo)
    layers, affinity = [layer.rows(0, tokens.shape[1]) for layer in attention.layers], attention.affinity()
    features, _ = backbone.with_attention(photo)
    positions, prefix = size[0] * size[1], network.num_prefix_tokens
    assert size == (round(70 / backbone.stride), round(50 / backbone.stride)) and len(layers) == len(calls) == 2
    expected: Tensor | float = 0.0
    for (module, x, rope, output), layer in zip(calls, layers, strict=True):
        heads, made = plain_attention(module, x, rope, prefix)
        assert torch.allclose(made, output, atol=1e-4)
        mean = heads.mean(1)
        assert mean.std() > 0.01 and torch.allclose(mean.sum(-1), torch.ones(2, prefix + positions), atol=1e-5)
        assert torch.allclose(layer, mean, atol=1e-5)
        expected = expected + mean[:, prefix:, prefix:]
    assert affinity.shape == (2, positions, positions) and torch.allclose(affinity, expected, atol=1e-5)
    assert torch.allclose(features, plain, atol=1e-4)
    assert torch.allclose(backbone.as_map(tokens, size), features, atol=1e-6)
    assert torch.allclose(backbone.forward_pyramid(photo)[-1], features, atol=1e-4)


@pytest.mark.parametrize("name", ["vit_small_patch16_dinov3", "eva02_base_patch14_448"])
@torch.no_grad()
def test_rotary_attention_depends_on_how_far_apart_two_patches_are(name):
    """Where all patches look the same, the first block's logits hang on the way from one to the other alone."""
    backbone = create_backbone(name, None).eval()
    network = enliven(backbone.network)
    if network.pos_embed is not None:
        nn.init.zeros_(network.pos_embed)
    _, attention = backbone.with_attention(torch.ones(1, 3, 3 * backbone.stride, 5 * backbone.stride))
    first = attention.layers[0]
    heads = (first.queries @ first.keys.transpose(-2, -1) / first.keys.shape[-1] ** 0.5)[0]
    logits = heads[:, attention.prefix :, attention.prefix :]
    logits = logits - logits.diagonal(dim1=1, dim2=2)[..., None]  # of every patch, less its own
    by_way: dict[tuple[int, int], list[Tensor]] = {}
    for start in range(15):
        for end in range(15):
            way = end // 5 - start // 5, end % 5 - start % 5
            by_way.setdefault(way, []).append(logits[:, start, end])
    assert max(torch.stack(found).std(0).max() for found in by_way.values() if len(found) > 1) < 1e-4
    right, down, left = (by_way[way][0] for way in ((0, 1), (1, 0), (0, -1)))
    assert min((right - other).abs().max() for other in (down, left, torch.zeros_like(right))) > 0.01


@pytest.mark.parametrize("name", SMALL)
@torch.no_grad()
def test_features_are_normalised_tokens_wherever_the_family_has_its_last_norm(name):
    backbone = create_backbone(name, None).eval()
    features = enliven(backbone.network) and backbone(images(64, 48))
    assert features.mean(1).abs().max() < 1e-4 and (features.std(1) - 1).abs().max() < 1e-2


@pytest.mark.parametrize("name", ALL)
def test_a_training_step_and_seeds_of_a_photo(name):
    """Architecture adjustment, drop path by block, gradients everywhere, seeds at three scales of any size of photo."""
    settings = seed_settings(backbone=name)
    network = create_seed_network(settings, 3)
    task = SeedTask(network, settings)
    task.before_step(0.5)
    rates = [module.drop_prob for module in network.modules() if isinstance(module, DropPath)]
    assert rates == pytest.approx([settings.drop_path_low] * 2)  # of the second block's branches; the first has none
    assert network.backbone.network.blocks[1].mlp.drop1.p == network.backbone.network.pos_drop.p
    batch = {"image": images(45, 45), "labels": torch.tensor([[1.0, 0, 1], [0, 1, 0]])}
    torch.manual_seed(0)
    loss = task.loss(network, batch)["loss"]
    loss.backward()
    assert loss.isfinite()
    without = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert not without
    task.after_step()
    extract = Extract(scales=[1.0, 0.75, 1.25], flip=True, seed_map="activation", patch_affinity=True, normalize="max")
    seeds = extract_seeds(network.eval(), task.mapping, images(61, 83, 1), torch.tensor([[1.0, 0, 1]]), extract)
    assert seeds.shape == (1, 3, 16, 21) and seeds.isfinite().all() and seeds.min() >= 0 and seeds[:, 1].max() == 0


@pytest.mark.parametrize("mapping", ["mct", "mct_v2"])
@pytest.mark.parametrize("name", [name for name in SMALL if "siglip" not in name])
def test_class_tokens_start_as_copies_and_take_part_in_attention(name, mapping):
    settings = seed_settings(backbone=name, mapping=mapping, regularization="none")
    one, many = create_seed_network(settings, 1), create_seed_network(settings, 3)
    source = enliven(one.backbone.network).state_dict()
    for key, value in many.backbone.network.state_dict().items():
        if value.shape != source[key].shape:  # the token, and its position where it has one
            source[key] = torch.cat([source[key][:, :1].expand(-1, 3, -1), source[key][:, 1:]], 1)
    many.backbone.network.load_state_dict(source)
    network, photo = many.eval(), images(61, 83)
    registers = one.backbone.network.num_prefix_tokens - 1
    assert network.backbone.network.num_prefix_tokens == 3 + registers
    tokens, size, attention = network.backbone.tokens_and_attention(photo)
    layers = [layer.rows(0, tokens.shape[1]) for layer in attention.layers]
    maps, attention = network.seed_maps(photo)
    assert torch.allclose(tokens[:, 0], tokens[:, 2], atol=1e-4)  # copies, until the labels tell them apart
    assert maps.shape == (2, 3, *size) and attention.refine(maps).shape == maps.shape
    to_patches = torch.stack([layer[:, :3, 3 + registers :] for layer in layers]).sum(0).unflatten(2, size)
    patch_cam = network.head(network.backbone.as_map(tokens, size)).relu() if mapping == "mct_v2" else 1
    assert torch.allclose(maps, to_patches * patch_cam, atol=1e-4)
    task = SeedTask(many.train(), settings)
    task.loss(many, {"image": photo, "labels": torch.eye(3)[:2]})["loss"].backward()
    assert not [n for n, parameter in many.named_parameters() if parameter.grad is None]


def test_tokens_and_learned_rotations_have_no_weight_decay():
    for name, exempt in (
        ("vit_small_patch14_reg4_dinov2", {"cls_token", "reg_token", "pos_embed"}),
        ("vit_small_patch16_rope_mixed_224", {"cls_token", "rope.freqs"}),
        ("tiny_transformer", {"cls_token", "pos_embed"}),
    ):
        network = create_seed_network(seed_settings(backbone=name), 3)
        optimizer = make_optimizer(network, seed_settings(backbone=name).optimizer, 2)
        free = {id(p) for group in optimizer.param_groups if not group["weight_decay"] for p in group["params"]}
        wide = {n for n, p in network.named_parameters() if id(p) in free and p.ndim > 1}
        assert wide == {f"backbone.network.{n}" for n in exempt}


@pytest.mark.parametrize("mapping", ["cam", "mil"])
@pytest.mark.parametrize("regularization", ["gt", "oaa", "none"])
@pytest.mark.parametrize("name", ["vit_small_patch14_reg4_dinov2", "vit_small_patch16_dinov3"])
def test_the_other_mappings_and_regularisations_train_too(name, mapping, regularization):
    settings = seed_settings(backbone=name, mapping=mapping, regularization=regularization)
    network = create_seed_network(settings, 3)
    task = SeedTask(network, settings)
    batch = {"image": images(45, 59), "labels": torch.tensor([[1.0, 0, 1], [0, 1, 0]]), "index": torch.arange(2)}
    batch |= {"window": torch.tensor([[0.0, 0, 1, 1]]).repeat(2, 1), "flip": torch.tensor([False, True])}
    for _ in range(2):  # at first, oaa has nothing accumulated
        task.before_step(0.5)
        losses = task.loss(network, batch)
        task.after_step()
    assert all(value.isfinite() for value in losses.values())
    assert regularization == "none" or losses["agreement"] > 0
