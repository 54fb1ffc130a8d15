"""How sure a trained seed network is of each class in whole images."""

from __future__ import annotations

import torch
from torch import Tensor

from wsss.models.multi_scale import multi_scale
from wsss.models.seed_network import SeedNetwork
from wsss.seed.mappings.base import Mapping


@torch.inference_mode()
def class_scores(network: SeedNetwork, mapping: Mapping, images: Tensor) -> Tensor:
    """Return the scores (B, C), before the sigmoid, of whole images (B, 3, H, W); of several of a class, the mean."""

    def scores(view: Tensor) -> Tensor:
        output = network(view).float()
        found = mapping.scores(output, mapping.log_alpha(output))
        return (found.mean(0) if found.ndim == 3 else found)[..., None, None]

    (whole,) = multi_scale(scores, images, [1.0], False, (1, 1), network.backbone.multiple)
    return whole[..., 0, 0]
