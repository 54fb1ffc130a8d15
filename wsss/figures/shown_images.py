"""Which images the figures show."""

from __future__ import annotations

import numpy as np

from wsss.data.prepared import PreparedDataset


def shown_ids(dataset: PreparedDataset, ids: list[str], count: int) -> list[str]:
    """Return up to `count` of these images, chosen by their labels alone to show many classes; without, the first."""
    if not all(dataset.knows_labels(name) for name in ids):
        return ids[:count]
    return [ids[index] for index in choose_images(dataset.labels(ids), count)]


def choose_images(labels: np.ndarray, count: int) -> list[int]:
    """Return up to `count` rows of image-level labels (N, C), ascending, that together show as many classes as may be.

    One after the other (greedy): the first image that adds its share of the classes still missing, or else the one
    that adds most. Once all classes are shown, the round starts anew. The same labels always give the same images.
    """
    labels = labels.astype(bool)
    chosen: list[int] = []
    missing = labels.any(0)
    while len(chosen) < min(count, len(labels)):
        share = max(1, -(-int(missing.sum()) // (count - len(chosen))))
        gain = (labels & missing).sum(1)
        gain[chosen] = -1
        chosen.append(int((gain >= share).argmax() if gain.max() >= share else gain.argmax()))
        missing &= ~labels[chosen[-1]]
        if not missing.any():
            missing = labels.any(0)
    return sorted(chosen)
