"""MCTformer's published state dicts with drawn values, and images: golden/mctformer_v*.npz are its outputs for them.

The formulas take no generator, so that every library makes the same numbers.
"""

from __future__ import annotations

import json
import zlib
from functools import cache

import numpy as np
import torch
from paths import GOLDEN

CLASSES, GRID = 20, 14
_GAINS = {"patch_embed.proj.weight": 3.0, "head.weight": 0.3}


@cache
def published_weights(version: int, salt: int = 0) -> dict[str, torch.Tensor]:
    """Return the state dict of MCTformer-V`version` (DeiT-S, 20 classes), every name and shape as published."""
    shapes = json.loads((GOLDEN / f"mctformer_v{version}_state_dict.json").read_text())["shapes"]
    return {
        name: torch.from_numpy(_value(name, tuple(shape), salt).astype(np.float32)) for name, shape in shapes.items()
    }


def _value(name: str, shape: tuple[int, ...], salt: int) -> np.ndarray:
    u = _uniform(name, int(np.prod(shape)), salt).reshape(shape)
    if name.endswith(".bias"):
        return 0.1 * u
    if name == "cls_token":
        return 0.5 * u
    if name == "pos_embed":
        return np.concatenate([0.5 * u[:, :CLASSES], _positions(shape[-1])[None]], 1)
    if len(shape) == 1:
        return 1 + 0.2 * u
    fan_in = u.size / shape[0]
    gain = 1.6 if "attn.qkv" in name else 0.5 if "attn.proj" in name else _GAINS.get(name, 1.0)
    return gain * np.sqrt(3) * u / np.sqrt(fan_in)


def _uniform(name: str, count: int, salt: int) -> np.ndarray:
    """Return `count` values in [-1, 1), of a hash of the name and the index."""
    start = np.uint32((zlib.crc32(name.encode()) + salt) % 2**32)
    x = start + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x / 2.0**31 - 1


def _positions(channels: int) -> np.ndarray:
    """Return (196, D): waves along the rows and columns of the 14x14 patches."""
    place = np.pi * (np.arange(GRID) + 0.5) / GRID
    y, x = np.meshgrid(place, place, indexing="ij")
    c = np.arange(channels)
    return (0.2 * np.cos(y[..., None] * (c % 3)) * np.cos(x[..., None] * (c // 3 % 3))).reshape(GRID**2, channels)


def images(height: int, width: int, salt: int = 0) -> torch.Tensor:
    """Return two images (2, 3, H, W), not to be normalised further."""
    b, c, y, x = np.meshgrid(*map(np.arange, (2, 3, height, width)), indexing="ij")
    s = 0.3 * c + b + 0.1 * salt
    disc = (y - height / 2) ** 2 + (x - width / 3) ** 2 < (height / 4) ** 2
    waves = np.sin(0.11 * x + s) * np.cos(0.07 * y - s) + disc * (1 + 0.5 * np.cos(0.5 * (x + c * y)))
    return torch.from_numpy(waves.astype(np.float32))
