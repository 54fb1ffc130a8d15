"""How good masks are, told without a true mask: by what they owe to the labels, and to the edges in the photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wsss.errors import InputError
from wsss.files import VOID

SCANT = 0.01  # of an image: what is marked less is hardly marked


@dataclass(frozen=True)
class MaskQuality:
    """One mask, held against the labels of its image and what dense CRFs are sure of.

    labelled: class numbers that the image is labelled with.
    lacking: those of them that the mask has no pixel of.
    marked: share of the pixels that are of a class.
    void: share of the pixels that the CRFs leave open, as they disagree or are not sure; None where there are no CRFs.
    contradicted: share of the pixels where they are sure of something else than the mask says; None as `void` is.
    """

    labelled: tuple[int, ...]
    lacking: tuple[int, ...]
    marked: float
    void: float | None
    contradicted: float | None

    @property
    def is_scant(self) -> bool:
        """Whether the image has a class, and less than a hundredth of it is marked as one."""
        return bool(self.labelled) and self.marked < SCANT

    @property
    def doubt(self) -> tuple[int, bool, float]:
        """What masks are ordered by, the worst having most: lacking classes, hardly a pixel, pixels in doubt."""
        return len(self.lacking), self.is_scant, (self.void or 0) + (self.contradicted or 0)


def mask_quality(
    mask: np.ndarray, labels: np.ndarray, confident: np.ndarray | None, name: str = "image"
) -> MaskQuality:
    """Judge one mask.

    Args:
        mask: (H, W) uint8 of class numbers, 0 background.
        labels: (C,) of 0 and 1, which classes the image has.
        confident: (H, W) uint8, confident labels of AffinityNet: class numbers, and 255 where CRFs leave it open;
            None where there are none, as of masks that another method has made.
        name: for the `InputError` about sizes that differ.
    """
    if confident is not None and mask.shape != confident.shape:
        raise InputError(f"{name}: is {mask.shape} (height, width), its confident labels are {confident.shape}")
    present = np.bincount(mask.ravel(), minlength=VOID + 1)
    labelled = (np.flatnonzero(labels) + 1).tolist()
    return MaskQuality(
        labelled=tuple(labelled),
        lacking=tuple(number for number in labelled if not present[number]),
        marked=float(present[1:VOID].sum() / mask.size),
        void=None if confident is None else float((confident == VOID).mean()),
        contradicted=None if confident is None else float(((confident != VOID) & (confident != mask)).mean()),
    )


def summary(qualities: Mapping[str, MaskQuality], classes: Sequence[str]) -> dict:
    """Return what `mask_quality.json` holds of masks by image id: means, classes, and the images, the worst first.

    `marked`, `void` and `contradicted` are means over images, in percent of their pixels; the last two are left out
    where there were no CRFs. `images_hardly_marked` counts those that have a class, and less than 1 % marked.
    """

    def percent(*judged: MaskQuality) -> dict[str, float]:
        shares: dict[str, list[float | None]] = {"marked": [one.marked for one in judged]}
        shares |= {"void": [one.void for one in judged], "contradicted": [one.contradicted for one in judged]}
        return {
            name: 100 * float(np.mean([share for share in of_each if share is not None]))
            for name, of_each in shares.items()
            if None not in of_each
        }

    every = list(qualities.values())
    per_class = {
        name: {
            "images": sum(number in one.labelled for one in every),
            "lacking": sum(number in one.lacking for one in every),
        }
        for number, name in enumerate(classes, 1)
    }
    worst_first = sorted(qualities.items(), key=lambda item: (*(-one for one in item[1].doubt), item[0]))
    return {
        "images": len(every),
        "images_lacking_a_class": sum(bool(one.lacking) for one in every),
        "images_hardly_marked": sum(one.is_scant for one in every),
        **percent(*every),
        "per_class": per_class,
        "worst_first": [
            {
                "id": name,
                "lacking": [classes[number - 1] for number in one.lacking],
                **percent(one),
            }
            for name, one in worst_first
        ],
    }
