"""Probabilities as a network might make them: true masks, blurred, and mixed with noise."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

BLUR = 8  # pixels, the deviation of the Gaussian


def blurred_probabilities(mask: np.ndarray, count: int, noise: float, random: np.random.Generator) -> np.ndarray:
    """Return (count, H, W) float32 that add up to 1, for a mask (H, W) of class numbers below `count`, 255 being void.

    `noise` of it is the softmax of normal numbers drawn for every 32 pixels and enlarged, the rest the blurred mask,
    void being background.
    """
    height, width = mask.shape
    probabilities = np.empty((count, height, width), np.float32)
    coarse = random.normal(size=(count, height // 32 + 2, width // 32 + 2)).astype(np.float32)
    for channel, drawn in zip(probabilities, coarse, strict=True):
        channel[:] = np.exp(np.asarray(Image.fromarray(drawn).resize((width, height), Image.Resampling.BICUBIC)))
    probabilities *= noise / probabilities.sum(0)
    mask = np.where(mask == 255, 0, mask)
    for number in np.unique(mask):
        probabilities[number] += (1 - noise) * gaussian_filter((mask == number).astype(np.float32), BLUR)
    return probabilities / probabilities.sum(0)
