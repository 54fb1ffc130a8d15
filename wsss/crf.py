"""The dense CRF, and the confident labels that it makes of seeds."""

from __future__ import annotations

import numpy as np
import pydensecrf.densecrf as densecrf
import torch

from wsss.affinity.random_walk import with_background
from wsss.config.blocks import Crf
from wsss.files import VOID

SMALLEST_PROBABILITY = 1e-5  # keeps the unary energies finite, as published


def dense_crf(image: np.ndarray, probabilities: np.ndarray, settings: Crf) -> np.ndarray:
    """Return the marginals (K, H, W) float32 of a dense CRF, which add up to 1 over K.

    image: (H, W, 3) uint8 RGB. probabilities: (K, H, W) in [0, 1], K ≥ 1; scores that do not add up to 1 are allowed.
    """
    return dense_crfs(image, probabilities[None], settings)[0]


def dense_crfs(image: np.ndarray, probabilities: np.ndarray, settings: Crf) -> np.ndarray:
    """Return what `dense_crf` does for each of several probabilities (N, K, H, W) of one image.

    They share its kernels, which take a sixth of the time of a CRF.
    """
    _, count, height, width = probabilities.shape
    if image.shape != (height, width, 3) or image.dtype != np.uint8:
        raise ValueError(f"image {image.shape} {image.dtype} is not ({height}, {width}, 3) uint8, as probabilities are")
    if not np.isfinite(probabilities).all():
        raise ValueError("probabilities hold NaN or infinity")
    if count == 1:
        return np.ones(probabilities.shape, np.float32)
    crf = densecrf.DenseCRF2D(width, height, count)
    crf.addPairwiseGaussian(sxy=settings.gaussian_sxy, compat=settings.gaussian_compat)
    crf.addPairwiseBilateral(
        sxy=settings.bilateral_sxy,
        srgb=settings.bilateral_srgb,
        rgbim=np.require(image, requirements=["C", "W"]),
        compat=settings.bilateral_compat,
    )
    marginals = np.empty(probabilities.shape, np.float32)
    for one, result in zip(probabilities, marginals, strict=True):
        unary = -np.log(np.clip(one, SMALLEST_PROBABILITY, 1)).reshape(count, -1)
        # The library takes contiguous, writable memory of just these types (and writes into none of it).
        crf.setUnaryEnergy(np.ascontiguousarray(unary, np.float32))
        result[:] = np.array(crf.inference(settings.iterations)).reshape(count, height, width)
    return marginals


def possible_winners(probabilities: torch.Tensor, settings: Crf) -> torch.Tensor:
    """Return those of the classes 0…K-1 of probabilities (K, H, W) that can win somewhere in a dense CRF, (N,) int64.

    A pixel's neighbours can raise a class against another by the two weights together at most, so one that lies further
    behind the best, at every pixel, never comes first, and need not go into the CRF.
    """
    logarithms = probabilities.clamp(SMALLEST_PROBABILITY, 1).log()
    reach = settings.gaussian_compat + settings.bilateral_compat
    beaten = (logarithms < logarithms.amax(0) - reach).flatten(1).all(1)  # NaN is not, and stays to be refused
    return torch.nonzero(~beaten)[:, 0]


def confident_labels(
    image: np.ndarray, maps: np.ndarray, classes: np.ndarray, low_alpha: float, high_alpha: float, crf: Crf
) -> np.ndarray:
    """Return (H, W) uint8 labels: foreground and background where seeds are sure of it, 255 elsewhere (PSA, sec. 3.2).

    image: (H, W, 3) uint8. maps: (K, H, W) float32 seeds in [0, 1] of the `classes` (K,). The background's score
    (1 - max)^alpha goes through the CRF with them twice: the generous one, `low_alpha`, leaves only sure foreground,
    the strict one, `high_alpha`, only sure background, which also wins should they ever contradict each other.
    """
    seeds = torch.tensor(maps)
    both = np.stack([with_background(seeds, alpha).numpy() for alpha in (low_alpha, high_alpha)])
    generous, strict = dense_crfs(image, both, crf).argmax(1)
    names = np.concatenate([[VOID], np.asarray(classes, np.int64)]).astype(np.uint8)
    labels = names[generous]
    labels[strict == 0] = 0
    return labels
