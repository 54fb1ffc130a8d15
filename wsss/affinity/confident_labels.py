"""Confident labels for AffinityNet: where two dense CRFs over the seeds agree (PSA, sec. 3.2)."""

from __future__ import annotations

import numpy as np
import torch

from wsss.affinity.random_walk import with_background
from wsss.config.blocks import AffinityLabels
from wsss.crf import dense_crf
from wsss.files import VOID


def confident_labels(image: np.ndarray, maps: np.ndarray, classes: np.ndarray, settings: AffinityLabels) -> np.ndarray:
    """Return (H, W) uint8 labels: foreground and background where seeds are sure of it, 255 elsewhere.

    image: (H, W, 3) uint8. maps: (K, H, W) float32 seeds in [0, 1] of the `classes` (K,). The background's score
    (1 - max)^alpha goes through the CRF with them twice. `low_alpha` makes it large, so it is strict: what it leaves as
    foreground is sure. `high_alpha` makes it small, so it is generous to the foreground: what it leaves as background
    is sure, and wins should the two ever contradict each other.
    """
    seeds = torch.tensor(maps)
    both = np.stack([with_background(seeds, alpha).numpy() for alpha in (settings.low_alpha, settings.high_alpha)])
    strict, generous = dense_crf(image, both, **dict(settings.crf)).argmax(1)
    names = np.concatenate([[VOID], np.asarray(classes, np.int64)]).astype(np.uint8)
    labels = names[strict]
    labels[generous == 0] = 0
    return labels
