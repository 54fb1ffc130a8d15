"""From the seeds of one image to its mask (PSA, section 3.4)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from wsss.affinity.random_walk import random_walk, with_background
from wsss.config.blocks import Mask
from wsss.errors import InputError
from wsss.seed.seed_file import Seed, seed_at_full_size


def walk_to_mask(
    seed: Seed, affinity: Tensor, size: tuple[int, int], stride: int, radius: int, mask: Mask
) -> np.ndarray:
    """Return the winner of each pixel, (H, W): 0 for background, k for the k-th class of the seed.

    Args:
        seed: of the image, K classes.
        affinity: (P, M), of pairs within `radius` on a map of `size` (h, w), `stride` pixels per position.
    """
    maps = torch.from_numpy(seed_at_full_size(seed)).to(affinity.device)
    scores = with_background(maps, mask.background_alpha)
    coarse = avg_pool2d(scores[None], stride, ceil_mode=True, count_include_pad=False)[0]
    if tuple(coarse.shape[-2:]) != tuple(size):
        raise InputError(
            f"the seeds are of an image of {seed.image_size} (height, width), the affinities of another; "
            "run extract_seed again"
        )
    walked = random_walk(coarse, affinity, radius, mask.beta, mask.log_t)
    return interpolate(walked[None], seed.image_size, mode="bilinear", align_corners=False)[0].argmax(0).cpu().numpy()
