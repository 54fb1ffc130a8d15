"""Confident labels for AffinityNet: what of the seeds dense CRFs are sure of."""

from __future__ import annotations

import numpy as np
import torch

from wsss.affinity.random_walk import with_background
from wsss.config.blocks import AffinityLabels
from wsss.config.choices import LABELS
from wsss.crf import dense_crf
from wsss.files import VOID


def confident_labels(image: np.ndarray, maps: np.ndarray, classes: np.ndarray, settings: AffinityLabels) -> np.ndarray:
    """Return (H, W) uint8 labels: foreground and background where seeds are sure of it, 255 elsewhere.

    image: (H, W, 3) uint8. maps: (K, H, W) float32 seeds in [0, 1] of the `classes` (K,). How it is found out is
    `affinity_labels.labels`, one of the functions below.
    """
    return LABELS[settings.labels].load()(image, torch.tensor(maps), np.asarray(classes, np.int64), settings)


def agreement(image: np.ndarray, maps: torch.Tensor, classes: np.ndarray, settings: AffinityLabels) -> np.ndarray:
    """Label where two CRFs agree (PSA, section 3.2).

    The background's score (1 - max)^alpha goes through the CRF with the seeds twice. `low_alpha` makes it large, so it
    is strict: what it leaves as foreground is sure. `high_alpha` makes it small, so it is generous to the foreground:
    what it leaves as background is sure, and wins should the two ever contradict each other.
    """
    strict, generous = crf_probabilities(image, maps, settings).argmax(1)
    labels = np.append(VOID, classes).astype(np.uint8)[strict]
    labels[generous == 0] = 0
    return labels


def crf_probabilities(image: np.ndarray, maps: np.ndarray | torch.Tensor, settings: AffinityLabels) -> np.ndarray:
    """Return what the CRFs of `agreement` make of seeds (K, H, W): (2, K+1, H, W) float32, background first.

    The first is that of `low_alpha` (PSA's `out_la_crf`), the second that of `high_alpha` (`out_ha_crf`).
    """
    alphas = (settings.low_alpha, settings.high_alpha)
    both = np.stack([with_background(torch.as_tensor(maps), alpha).numpy() for alpha in alphas])
    return dense_crf(image, both, **dict(settings.crf))


def confidence(image: np.ndarray, maps: torch.Tensor, classes: np.ndarray, settings: AffinityLabels) -> np.ndarray:
    """Label what wins in one CRF with a probability of `confidence` or more (CLIP-ES, eval_cam_with_crf.py).

    The background's score is (1 - max)^`confidence_alpha`. (The published script gives its CRF the photo minus the
    mean colour as 8-bit numbers, of which those below 0 come out as bright ones; here it is given the photo.)
    """
    scores = with_background(maps, settings.confidence_alpha).numpy()
    marginals = dense_crf(image, scores, **dict(settings.crf))
    labels = np.append(0, classes).astype(np.uint8)[marginals.argmax(0)]
    labels[marginals.max(0) < settings.confidence] = VOID
    return labels
