"""Attention kept as queries and keys: rows, affinity and refined maps, in however many pieces."""

from __future__ import annotations

import pytest
import torch

from wsss.models import attention as module
from wsss.models.attention import Attention, Layer, Listener


def layers(batch: int = 2, heads: int = 4, tokens: int = 11, count: int = 3, shared: int = 1) -> tuple[Layer, ...]:
    random = torch.Generator().manual_seed(0)
    return tuple(
        Layer(
            torch.randn(batch, heads, tokens, 8, generator=random),
            torch.randn(batch, heads // shared, tokens, 8, generator=random),
        )
        for _ in range(count)
    )


def whole(layer: Layer) -> torch.Tensor:
    """Return a layer's attention by the definition, mean over heads (B, T, T)."""
    keys = layer.keys.repeat_interleave(layer.queries.shape[1] // layer.keys.shape[1], 1)
    return (layer.queries @ keys.transpose(-2, -1) / 8**0.5).softmax(-1).mean(1)


@pytest.mark.parametrize("at_a_time", [1, 200, 2**24])
@pytest.mark.parametrize("shared", [1, 2])
def test_affinity_and_refined_maps_are_the_same_in_pieces(monkeypatch, at_a_time, shared):
    monkeypatch.setattr(module, "_AT_A_TIME", at_a_time)
    monkeypatch.setattr(module, "_ROWS", 1)
    attention = Attention(layers(shared=shared), prefix=2)
    expected = sum(whole(layer) for layer in attention.layers)[:, 2:, 2:]
    assert torch.allclose(attention.affinity(), expected, atol=1e-6)
    maps = torch.rand(2, 5, 3, 3)
    refined = torch.einsum("bnm,bcm->bcn", expected, maps.flatten(2)).reshape(maps.shape)
    assert torch.allclose(attention.refine(maps), refined, atol=1e-5)


def test_to_patches_is_what_the_first_tokens_take_from_patches_in_the_last_layers():
    attention = Attention(layers(), prefix=4)
    expected = sum(whole(layer) for layer in attention.layers[-2:])[:, :3, 4:]
    assert torch.allclose(attention.to_patches(3, 2), expected, atol=1e-6)


def test_a_listener_keeps_what_attention_is_computed_of_and_changes_nothing():
    q, k, v = (torch.randn(1, 2, 5, 8) for _ in range(3))
    attend = torch.nn.functional.scaled_dot_product_attention
    plain = attend(q, k, v)
    with Listener() as listener:
        assert torch.equal(attend(q, k, v), plain)
    attend(q, k, v)
    assert len(listener.layers) == 1
    assert torch.equal(listener.layers[0].queries, q) and torch.equal(listener.layers[0].keys, k)
