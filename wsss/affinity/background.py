"""The background of the random walk: a score beside those of the seeds, so that a pixel can be of no class.

Published methods differ in where it enters and how high it is. Each function here is one such way, of seeds (K, H, W)
in [0, 1], K ≥ 1, a number that says how high, and a `walk` from scores (K, H, W) to scores (K, H, W). It returns
scores (K+1, H, W), the background first: the largest of a pixel wins.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from wsss.affinity.random_walk import with_background
from wsss.config.blocks import Mask

_PUBLISHED = {  # (background, its number): the true masks that it was chosen for
    ("constant", 0.39): "PASCAL VOC 2012 train, as published (MCTformer)",
    ("irn", 0.25): "PASCAL VOC 2012, as published (IRN)",
}

Walk = Callable[[Tensor], Tensor]


def power(maps: Tensor, alpha: float, walk: Walk) -> Tensor:
    """Let (1 - max over classes)^alpha walk with the seeds (PSA: alpha 16). Suits seeds with a dark background."""
    return walk(with_background(maps, alpha))


def constant(maps: Tensor, score: float, walk: Walk) -> Tensor:
    """Let a constant walk with the seeds (MCTformer: 0.39).

    It enters at full resolution, so what of a cell lies beyond the image counts as 0 in it, as in the seeds.
    """
    return walk(torch.cat([torch.full_like(maps[:1], score), maps]))


def after_walk(maps: Tensor, score: float, walk: Walk) -> Tensor:
    """Let the seeds walk alone; `score` is that of the background once the largest of all is 1 (IRN: 0.25)."""
    walked = walk(maps)
    walked = walked / walked.max().clamp(min=torch.finfo(walked.dtype).tiny)
    return torch.cat([torch.full_like(walked[:1], score), walked])


def tuned_on(mask: Mask, evaluated: str) -> str | None:
    """Return on which true masks the height of the background was chosen; None where on none, or nobody knows.

    `evaluated`: the images that seeds are evaluated on, which `best` takes its threshold from.
    """
    if mask.background == "best":
        return evaluated
    score = {"constant": mask.background_score, "irn": mask.irn_score}.get(mask.background)
    return None if score is None else _PUBLISHED.get((mask.background, score))
