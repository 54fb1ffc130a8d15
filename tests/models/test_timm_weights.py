"""Files of plain vision transformers as their authors publish them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from plain_transformers import enliven, make_small
from torch import Tensor, nn

from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone

DINOV2, DINOV2_REGISTERS = "vit_small_patch14_dinov2", "vit_small_patch14_reg4_dinov2"
DINOV3, MAE, DEIT3 = "vit_small_patch16_dinov3", "vit_base_patch16_224.mae", "deit3_small_patch16_224"
SIGLIP = "vit_base_patch16_siglip_224"


@pytest.fixture(autouse=True)
def small_networks(monkeypatch):
    make_small(monkeypatch)


def dinov2(network: nn.Module) -> dict[str, Tensor]:
    """Without registers the names are timm's; with them, the class token has a position."""
    state = network.state_dict() | {"mask_token": torch.zeros(1, 96)}
    if "reg_token" in state:
        position = torch.ones(1, 1, 96)
        state["register_tokens"] = state.pop("reg_token")
        state["pos_embed"] = torch.cat([position, state["pos_embed"]], 1)
        state["cls_token"] = state["cls_token"] - position
    return state


def dinov3(network: nn.Module) -> dict[str, Tensor]:
    state = {re.sub(r"gamma_(\d)", r"ls\1.gamma", name): value for name, value in network.state_dict().items()}
    state["storage_tokens"] = state.pop("reg_token")
    return state | {"mask_token": torch.zeros(1, 1, 96), "rope_embed.periods": torch.ones(8)}


def mae_fine_tuned(network: nn.Module) -> dict[str, Tensor]:
    """Its last norm comes after the pooling, and a classifier follows."""
    state = {re.sub(r"^norm\.", "fc_norm.", name): value for name, value in network.state_dict().items()}
    return state | {"head.weight": torch.zeros(1000, 96), "head.bias": torch.zeros(1000)}


def deit3(network: nn.Module) -> dict[str, Tensor]:
    return {re.sub(r"ls(\d)\.gamma", r"gamma_\1", name): value for name, value in network.state_dict().items()}


def siglip(network: nn.Module) -> dict[str, Tensor]:
    return network.state_dict() | {"attn_pool.latent": torch.zeros(1, 1, 96)}


@pytest.mark.parametrize(
    ("name", "published"),
    [
        (DINOV2, dinov2),
        (DINOV2_REGISTERS, dinov2),
        (DINOV3, dinov3),
        (MAE, mae_fine_tuned),
        (DEIT3, deit3),
        (SIGLIP, siglip),
    ],
)
def test_a_published_file_fills_the_network(tmp_path, name, published):
    path = tmp_path / "published.pth"
    wanted = enliven(create_backbone(name, None).network)
    torch.save({"model": published(wanted)}, path)
    loaded = create_backbone(name, path).network.state_dict()
    assert all(torch.allclose(loaded[key], value, atol=1e-6) for key, value in wanted.state_dict().items())


def save(path: Path, weights: dict[str, Tensor]) -> Path:
    torch.save(weights, path)
    return path


def test_what_timm_cannot_translate_is_refused_by_the_names_in_the_file(tmp_path):
    path = save(tmp_path / "other.pth", {"trunk.weight": torch.zeros(3, 3)})
    with pytest.raises(InputError, match=r"other.pth: weights of another network.*trunk.weight"):
        create_backbone(DINOV2, path)


def test_position_embeddings_of_another_size_are_resampled(tmp_path):
    network = enliven(create_backbone(DINOV2, None).network)
    weights = network.state_dict() | {"pos_embed": torch.ones(1, 1 + 16**2, 96)}
    loaded = create_backbone(DINOV2, save(tmp_path / "small.pth", weights)).network
    assert loaded.pos_embed.shape == (1, 1 + 37**2, 96) and torch.allclose(loaded.pos_embed, torch.ones(()), atol=1e-4)
