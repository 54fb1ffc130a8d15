"""What a folder of photos and their labels hold, in words, before anything is prepared of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from wsss.data.labelled_photos import LabelledPhotos
from wsss.errors import first_few

FEW = 20  # training photos of a class below which little can be learned


def describe(found: LabelledPhotos, splits: Mapping[str, Sequence[str]]) -> str:
    """Return lines that say how many photos and labels there are, and what is missing on either side."""
    return "\n".join(_lines(found, splits))


def _lines(found: LabelledPhotos, splits: Mapping[str, Sequence[str]]) -> Iterator[str]:
    labelled = len(found.labels)
    yield f"{len(found.photos):,} photos, {labelled:,} of them labelled, {len(found.classes)} classes"
    yield "  " + ", ".join(f"{split}: {len(ids):,}" for split, ids in splits.items())
    if found.unlabelled:
        yield f"photos without a label: {len(found.unlabelled):,} ({first_few(found.unlabelled)})"
    if found.without_photo:
        yield f"labels without a photo: {len(found.without_photo):,} ({first_few(found.without_photo)})"
    rows = np.array([found.labels[name] for name in splits["train"]], int).reshape(-1, len(found.classes))
    width = max(map(len, found.classes))
    yield ""
    yield f"  {'class':<{width}}  training photos"
    for name, count in zip(found.classes, rows.sum(0).tolist(), strict=True):
        yield f"  {name:<{width}}  {count:>15,}{'  few' if count < FEW else ''}"
    numbers = np.bincount(rows.sum(1), minlength=2).tolist()
    yield ""
    yield "  labels per training photo: " + ", ".join(f"{k}: {count:,}" for k, count in enumerate(numbers) if count)
