"""The pictures of one image for the page: small ones for the tiles, larger ones as text in a script."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from wsss.page.layers import mask_layer, photo_layer, seed_layer, webp
from wsss.seed.seed_file import Seed

PER_PACK = 20  # images in a script; a sheet of tiles holds five of them


def tiles_of(photo: np.ndarray, masks: Mapping[str, np.ndarray], side: int) -> dict[str, Image.Image]:
    """Return {layer: picture no larger than a tile}: the photo as `photo`, and masks (H, W) uint8 by layer."""
    small = {name: mask_layer(mask, side) for name, mask in masks.items()}
    return {"photo": photo_layer(photo, side), **small}


def packed(photo: np.ndarray, masks: Mapping[str, np.ndarray], seeds: Mapping[int, Seed]) -> dict[str, Any]:
    """Return what the view of one image shows, as plain data: `size` (width, height), and WebP in base64.

    Args:
        photo: (H, W, 3) uint8.
        masks: {layer: (H, W) uint8}, become transparent `layers`.
        seeds: {number of the experiment: seed}, become `seeds` by experiment and class number.
    """
    return {
        "size": [photo.shape[1], photo.shape[0]],
        "photo": _text(webp(photo_layer(photo))),
        "layers": {name: _text(webp(mask_layer(mask), lossless=True)) for name, mask in masks.items()},
        "seeds": {
            str(number): {
                str(label): _text(webp(seed_layer(values)))
                for label, values in zip(seed.classes, seed.maps, strict=True)
            }
            for number, seed in seeds.items()
        },
    }


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
