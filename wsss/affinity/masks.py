"""From the seeds of one image to its mask (PSA, section 3.4)."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from wsss.affinity.random_walk import random_walk
from wsss.config.blocks import Mask
from wsss.config.choices import BACKGROUNDS
from wsss.errors import InputError
from wsss.models.cells import cell_grid, cell_means, cells_to_pixels
from wsss.seed.seed_file import Seed, seed_at_full_size


def walk_to_mask(
    seed: Seed, affinity: Tensor, size: tuple[int, int], stride: int, radius: int, mask: Mask, background: float
) -> np.ndarray:
    """Return the winner of each pixel, (H, W): 0 for background, k for the k-th class of the seed.

    Args:
        seed: of the image, K classes.
        affinity: (P, M), of pairs within `radius` on a map of `size` (h, w), `stride` pixels per position.
        background: the number that `mask.background` takes, see `wsss.affinity.background`.

    Raises:
        InputError: the affinity is of an image of another size.
    """
    if cell_grid(seed.image_size, stride) != tuple(size):
        raise InputError(
            f"the seeds are of an image of {seed.image_size} (height, width), the affinities of another; "
            "run extract_seed again"
        )
    maps = torch.from_numpy(seed_at_full_size(seed)).to(affinity.device)
    if not len(maps):
        return np.zeros(seed.image_size, np.int64)
    walk = partial(walk_scores, affinity=affinity, stride=stride, radius=radius, beta=mask.beta, log_t=mask.log_t)
    scores: Tensor = BACKGROUNDS[mask.background].load()(maps, background, walk)
    return scores.argmax(0).cpu().numpy()


def walk_scores(scores: Tensor, affinity: Tensor, stride: int, radius: int, beta: float, log_t: int) -> Tensor:
    """Return scores (K, H, W) of the pixels of an image after 2^log_t steps of the random walk, (K, H, W).

    The walk is over cells of stride×stride pixels. A background that is to walk is one of the maps; one that is not
    (IRN's) is added to what is returned.
    """
    height, width = scores.shape[-2:]
    walked = random_walk(cell_means(scores, stride), affinity, radius, beta, log_t)
    return cells_to_pixels(walked, stride, (height, width))
