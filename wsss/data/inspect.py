"""What a prepared data set holds, counted: classes, labels, sizes, and what looks odd."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from wsss.data.outline import outline
from wsss.data.prepared import PreparedDataset
from wsss.files import VOID
from wsss.parallel import parallel
from wsss.progress import progress

TINY = 0.001  # share of the mask below which its objects are odd
SMALL_SIDE = 100  # pixels below which a photo's shorter side is odd
OWN_EDGES = 1.4  # 47 photos of VOC under their own masks: median 1.8, under another photo's: 1.2; of COCO the same
_EDGES_LOOKED_AT = 200
_TOGETHER = 250  # images that one process looks at before it reports


@dataclass(frozen=True)
class ImageFacts:
    """What one photo and its mask look like."""

    size: tuple[int, int]  # height, width
    grey: bool
    pixels: np.ndarray | None  # (256,) of the mask by number; None without a mask

    @property
    def numbers(self) -> set[int]:
        """The classes in the mask, without background and void."""
        return set() if self.pixels is None else set((np.flatnonzero(self.pixels[1:VOID]) + 1).tolist())


@dataclass(frozen=True)
class SplitReport:
    """One split: how many images have each class, and the ids of what is odd."""

    images: int
    masked: int
    sizes: Counter[tuple[int, int]]  # height, width
    class_images: np.ndarray | None  # (C,) images whose labels have the class; None without labels
    labels_per_image: Counter[int]
    class_pixels: np.ndarray  # (C + 1,) share of the masks' pixels that are not void
    odd: dict[str, list[str]]


def image_facts(photo: np.ndarray, mask: np.ndarray | None) -> ImageFacts:
    """Look at a photo, (H, W, 3) uint8, and its mask, (H, W)."""
    sample = photo[::4, ::4].astype(np.int16)
    grey = bool((np.ptp(sample, axis=-1) <= 8).mean() > 0.999)  # JPEG colours a grey photo a little
    return ImageFacts(photo.shape[:2], grey, None if mask is None else np.bincount(mask.ravel(), minlength=256))


def inspect_split(data: PreparedDataset, split: str, threads: int = 1) -> SplitReport:
    """Look at every image of a split, in several processes where they are many."""
    ids = data.split(split)
    groups = [ids[start : start + _TOGETHER] for start in range(0, len(ids), _TOGETHER)]
    found = parallel(partial(_facts_of, data.root), groups, min(threads, len(groups)))
    facts = list(progress(chain.from_iterable(found), len(ids), f"looking at {split}"))
    labels = data.labels(ids) if data.has_labels(split) else None
    return split_report(ids, facts, labels, len(data.classes))


def _facts_of(root: Path, ids: Sequence[str]) -> list[ImageFacts]:
    data = PreparedDataset(root)
    return [image_facts(data.image(name), data.mask(name) if data.has_mask(name) else None) for name in ids]


def split_report(
    ids: Sequence[str], facts: Sequence[ImageFacts], labels: np.ndarray | None, class_count: int
) -> SplitReport:
    """Count what the facts and the image-level labels, (N, C) of 0 and 1, say of the images of a split."""
    masked = [
        (name, fact.numbers, fact.pixels) for name, fact in zip(ids, facts, strict=True) if fact.pixels is not None
    ]
    pixels = sum((counts[: class_count + 1] for _, _, counts in masked), np.zeros(class_count + 1, np.int64))
    things = {name: counts[1:VOID].sum() / counts.sum() for name, _, counts in masked}
    odd = {
        "grey photo": [name for name, fact in zip(ids, facts, strict=True) if fact.grey],
        f"shorter side below {SMALL_SIDE} pixels": [
            name for name, fact in zip(ids, facts, strict=True) if min(fact.size) < SMALL_SIDE
        ],
        "mask of background alone": [name for name, share in things.items() if share == 0],
        f"objects on less than {TINY:.1%} of the mask": [name for name, share in things.items() if 0 < share < TINY],
        "more than half of the mask void": [name for name, _, counts in masked if counts[VOID] > counts.sum() / 2],
    }
    if labels is not None:
        named = {name: set((np.flatnonzero(row) + 1).tolist()) for name, row in zip(ids, labels, strict=True)}
        odd["no label"] = [name for name, numbers in named.items() if not numbers]
        odd["class in the mask without its label"] = [name for name, numbers, _ in masked if numbers - named[name]]
        odd["label without its class in the mask"] = [name for name, numbers, _ in masked if named[name] - numbers]
    return SplitReport(
        images=len(ids),
        masked=len(masked),
        sizes=Counter(fact.size for fact in facts),
        class_images=None if labels is None else labels.sum(0, dtype=int),
        labels_per_image=Counter() if labels is None else Counter(labels.sum(1, dtype=int).tolist()),
        class_pixels=pixels / max(1, pixels.sum()),
        odd=odd,
    )


def edge_contrast(photo: np.ndarray, mask: np.ndarray) -> float | None:
    """Return the photo's mean gradient along the outlines in its mask, over its mean gradient everywhere.

    Near 1 where mask and photo have nothing to do with each other. None without outlines or without gradients.
    """
    gradient = np.hypot(*np.gradient(photo.mean(-1)))
    edges = outline(mask)
    if edges.sum() < 20 or gradient.mean() == 0:
        return None
    return float(gradient[edges].mean() / gradient.mean())


def median_edge_contrast(data: PreparedDataset, split: str) -> float | None:
    """Return the median of `edge_contrast` over up to 200 masked images of a split; None for fewer than 10."""
    ids = [name for name in data.split(split) if data.has_mask(name)]
    ids = ids[:: max(1, len(ids) // _EDGES_LOOKED_AT)]
    values = [value for name in ids if (value := edge_contrast(data.image(name), data.mask(name))) is not None]
    return float(np.median(values)) if len(values) >= 10 else None


def warn_of_foreign_photos(data: PreparedDataset, split: str) -> None:
    """Print a warning where the masks of a split do not follow the edges of its photos.

    Data with matching names and sizes and foreign photos has been met in the wild, and trains without a complaint.
    """
    contrast = median_edge_contrast(data, split)
    if contrast is not None and contrast < OWN_EDGES:
        print(
            f"warning: {data.root}: the outlines of the masks of {split!r} hardly follow the edges in their photos "
            f"(contrast {contrast:.2f}; 1.8 is usual, 1.2 that of masks on foreign photos): are these the photos that "
            f"were annotated? See results/{data.name}/data.html",
            file=sys.stderr,
        )
