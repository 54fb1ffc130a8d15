"""Inference of the segmentation network: several scales, then a dense CRF unless `predict.crf` is null."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from wsss.config.blocks import Crf, Predict
from wsss.crf import dense_crf, possible_winners
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


def classes_in_play(scores: Tensor, crf: Crf | None) -> Tensor:
    """Return those of an image's classes 0…C, (N,) int64, that the CRF has to look at; without a CRF, all.

    Args:
        scores: (C+1, H, W), of `predict_probabilities`.
    """
    if crf is None:
        return torch.arange(len(scores))
    return possible_winners(scores, crf.gaussian_compat + crf.bilateral_compat, crf.iterations)


def refine(photo: np.ndarray, scores: np.ndarray, crf: Crf | None) -> np.ndarray:
    """Return the scores (N, H, W) of the classes in play after the CRF over `photo` (H, W, 3); without, as they are."""
    return scores if crf is None else dense_crf(photo, scores, **dict(crf))
