"""Which images the figures show."""

from __future__ import annotations

from wsss.data.prepared import PreparedDataset
from wsss.pictures import choose_images


def shown_ids(dataset: PreparedDataset, split: str, count: int) -> list[str]:
    """Return up to `count` images of a split, chosen by their labels alone to show many classes; without, the first."""
    ids = dataset.split(split)
    if not dataset.has_labels(split):
        return ids[:count]
    return [ids[index] for index in choose_images(dataset.labels(ids), count)]
