"""params.yaml with tiny networks and small data, and the proof that nothing else in it is another."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd

from wsss.config import read_params
from wsss.config.blocks import Training
from wsss.config.resolve import Parameters, resolve

# Siblings of the paper's networks: a plain ViT with DeiT's patches of 16, a residual network at stride 8, a ResNet.
TINY = {"deit_small_patch16_224": "test_vit", "resnet38": "tiny_cnn", "resnet101.tv_in1k": "test_resnet"}
REPLACED = {  # all that differs from params.yaml; the tiny networks take every freeze and stride that is in it
    *("seed.backbone", "seed.weights", "affinity.backbone", "affinity.weights"),
    *("segmentation.backbone", "segmentation.weights", "data.root", "data.counts"),
}


def tiny_params(dataset: str, data: dict) -> dict:
    """Return params.yaml's content with a tiny network for each of its networks and `data` in that of `dataset`."""
    params = read_params("params.yaml")
    for block in ("seed", "affinity", "segmentation"):
        params[block] |= {"backbone": TINY[params[block]["backbone"]], "weights": None}
    params["datasets"].setdefault(dataset, {}).setdefault("data", {}).update(data)
    return params


def tiny_variant(variant: str) -> str:
    """Return a variant of the paper's networks as one of their siblings."""
    for name, tiny in TINY.items():
        variant = variant.replace(f"backbone={name}", f"backbone={tiny}")
    return variant


def resolved(params: dict, dataset: str, variant: str) -> Parameters:
    """Resolve the tiny `variant`; nothing but `REPLACED` may differ from what params.yaml itself says of `variant`."""
    unchanged = read_params("params.yaml")
    if dataset not in unchanged["datasets"]:
        unchanged["datasets"][dataset] = {"data": params["datasets"][dataset]["data"]}
    theirs, tiny = resolve(unchanged, dataset, variant), resolve(params, dataset, tiny_variant(variant))
    one, other = _flat(theirs.model_dump()), _flat(tiny.model_dump())
    assert one.keys() == other.keys()
    assert {key for key in one if one[key] != other[key]} <= REPLACED
    return tiny


def _flat(tree: dict, prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in tree.items():
        nested = isinstance(value, dict) and f"{prefix}{key}" not in REPLACED
        flat |= _flat(value, f"{prefix}{key}.") if nested else {f"{prefix}{key}": value}
    return flat


def check_curve(network: Path, settings: Training, images: int) -> pd.DataFrame:
    """Check a training's curve: as many epochs as `settings` has, finite terms, the published learning rates."""
    curve = pd.read_csv(network / "curve.csv")
    assert curve["epoch"].tolist() == list(range(1, settings.epochs + 1))
    assert curve.map(math.isfinite).all(axis=None)
    per_epoch = max(images // settings.batch_size, 1)
    expected = [learning_rate(settings, epoch * per_epoch - 1, per_epoch) for epoch in curve["epoch"]]
    assert max(abs(lr / wanted - 1) for lr, wanted in zip(curve["lr"], expected, strict=True)) < 1e-6
    return curve


def learning_rate(settings: Training, step: int, per_epoch: int) -> float:
    """Return the learning rate of a step, counted from 0: timm's cosine after a linear warm-up, or poly."""
    optimizer, steps = settings.optimizer, settings.epochs * per_epoch
    base = optimizer.lr
    if optimizer.lr_reference_batch:
        base *= settings.batch_size / optimizer.lr_reference_batch
    warmup = optimizer.warmup_epochs * per_epoch
    if step < warmup:
        return 1e-6 + step / warmup * (base - 1e-6)
    if optimizer.schedule == "cosine":
        return optimizer.min_lr + (base - optimizer.min_lr) * (1 + math.cos(math.pi * step / steps)) / 2
    return optimizer.min_lr + (base - optimizer.min_lr) * (1 - step / steps) ** 0.9
