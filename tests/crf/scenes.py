"""Images and probabilities for the CRF."""

from __future__ import annotations

import numpy as np


def scene(count: int = 3, height: int = 20, width: int = 30, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return noise: an image (H, W, 3) uint8 and probabilities (count, H, W) float32."""
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return image, random.random((count, height, width), dtype=np.float32)


def smooth_scene(count: int, height: int, width: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return an image of slow colours and probabilities of slow waves that add up to 1."""
    y, x = np.mgrid[:height, :width]
    image = np.stack([120 + 100 * np.sin(x / 9), 120 + 100 * np.cos(y / 7), 2.0 * ((x + y) % 100)], -1).astype(np.uint8)
    scores = np.stack([np.exp(2 * np.sin(x / (5 + k) + k + seed) + np.cos(y / (4 + k))) for k in range(count)])
    return image, (scores / scores.sum(0)).astype(np.float32)
