"""Kinds of networks by their names."""

from __future__ import annotations

from wsss.config.kinds import network_kind


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
