"""Multi-scale inference of the segmentation network."""

from __future__ import annotations

import torch
from torch import Tensor

from wsss.config.blocks import Predict
from wsss.models.multi_scale import multi_scale
from wsss.models.segmentation_network import SegmentationNetwork


@torch.inference_mode()
def predict_probabilities(network: SegmentationNetwork, images: Tensor, settings: Predict) -> Tensor:
    """Return class scores (B, C+1, H, W) that add up to 1 over the classes.

    The softmaxes of all scales and flips are merged by their maximum or their mean, then normalised.

    Args:
        network: in eval mode.
        images: normalised, (B, 3, H, W), all of one size.
    """
    height, width = images.shape[-2:]
    multiple = network.backbone.multiple
    maps = multi_scale(network, images, settings.scales, settings.flip, (height, width), multiple)
    merged = next(maps).softmax(1)
    for logits in maps:
        scores = logits.softmax(1)
        merged = torch.maximum(merged, scores) if settings.merge == "max" else merged + scores
    return merged / merged.sum(1, keepdim=True)
