"""Families of plain vision transformers, two blocks deep and 96 wide, with random weights that all have an effect."""

from __future__ import annotations

from typing import Any

import pytest
import timm
import torch
from torch import nn

from wsss.config.kinds import network_kind

SMALL = (  # an example of each way in which families differ, as small as timm has one
    "vit_tiny_patch16_224",  # ViT; MAE and DINO have the same modules, which stand in ALL
    "vit_small_patch14_dinov2",
    "vit_small_patch14_reg4_dinov2",
    "vit_base_patch16_clip_quickgelu_224.openai",
    "vit_base_patch16_siglip_gap_224",
    "deit3_small_patch16_224",
    "vit_small_patch16_dinov3",
    "vit_small_plus_patch16_dinov3_qkvb",  # biases, and a gate in its MLP
    "eva02_tiny_patch14_224",
    "eva02_base_patch14_448",
    "vit_small_patch16_rope_mixed_224",  # rotary positions that are learned, for each block
)
ALL = (
    *SMALL,
    "vit_small_patch16_224.dino",
    "vit_base_patch16_224.mae",
    "vit_base_patch16_clip_224.openai",
    "vit_base_patch16_siglip_224",
    "eva02_base_patch16_clip_224",
    "beit3_base_patch16_224",
    "vit_medium_patch16_rope_reg1_gap_256",
    "vit_pe_spatial_tiny_patch16_512",
)


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let timm build its transformers with two blocks, 96 wide."""
    create = timm.create_model

    def create_small(name: str, **options: Any) -> nn.Module:
        if network_kind(name) == "transformer":
            options |= {"depth": 2, "embed_dim": 96, "num_heads": 3}
        return create(name, **options)

    monkeypatch.setattr(timm, "create_model", create_small)


def enliven(network: nn.Module) -> nn.Module:
    """Draw weights with which attention is far from even and every layer counts: fresh layer scales are nearly 0."""
    torch.manual_seed(0)
    for name, parameter in network.named_parameters():
        if "gamma" in name:
            nn.init.ones_(parameter)
        elif ".attn." in name:
            nn.init.normal_(parameter, std=0.1)
        elif name.endswith(("cls_token", "reg_token", "pos_embed")):
            nn.init.normal_(parameter)
    return network
