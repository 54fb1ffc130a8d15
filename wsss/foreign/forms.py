"""Seeds, labels and lists of ours in the forms that published methods read: dictionaries and lines of text.

As jiwoon-ahn/psa writes them in `infer_cls.py`, jiwoon-ahn/irn in `step/make_cam.py`, and both have them in `voc12/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F


def psa_seed(classes: np.ndarray, maps: np.ndarray) -> dict[int, np.ndarray]:
    """Return {class from 0: (H, W) float32} of the maps (K, H, W) of the classes (K,) from 1."""
    return {int(number) - 1: one.astype(np.float32) for number, one in zip(classes, maps, strict=True)}


def irn_seed(classes: np.ndarray, maps: np.ndarray, small: np.ndarray) -> dict[str, Any]:
    """Return IRN's dictionary: "keys" (K,) from 0, "cam" at a quarter of the size, and "high_res".

    The first two are torch tensors, as IRN's programs take "cam" for one.

    Args:
        classes: (K,) from 1.
        maps: (K, H, W) float32 at the image's size.
        small: (K, h, w), of any size: they become "cam", resized bilinearly unless they have a quarter already.
    """
    size = tuple(-(-side // 4) for side in maps.shape[-2:])
    cam = torch.from_numpy(small.astype(np.float32))
    if len(classes) and cam.shape[-2:] != size:
        cam = F.interpolate(cam[None], size=size, mode="bilinear", align_corners=False)[0]
    return {
        "keys": torch.from_numpy(classes.astype(np.int64) - 1),
        "cam": cam if len(classes) else torch.zeros((0, *size)),
        "high_res": maps.astype(np.float32),
    }


def psa_probabilities(classes: np.ndarray, probabilities: np.ndarray) -> dict[int, np.ndarray]:
    """Return {0: background, class from 1: (H, W) float32} of a CRF's probabilities (K+1, H, W), background first."""
    return dict(zip([0, *classes.tolist()], probabilities.astype(np.float32), strict=True))


def psa_labels(labels: Mapping[str, np.ndarray]) -> dict[Any, np.ndarray]:
    """Return PSA's `cls_labels.npy`: {id: (C,) float32 of 0 and 1}."""
    return {name: row.astype(np.float32) for name, row in labels.items()}


def irn_labels(labels: Mapping[str, np.ndarray]) -> dict[Any, np.ndarray] | None:
    """Return IRN's `cls_labels.npy`, the ids as numbers, 2007_000032 as 2007000032; None where ids are none."""
    numbers = {name: name.replace("_", "") for name in labels}
    if not all(number.isdecimal() for number in numbers.values()) or len(set(numbers.values())) < len(numbers):
        return None
    return {int(numbers[name]): row for name, row in psa_labels(labels).items()}


def psa_list(photos: Mapping[str, str]) -> str:
    """Return the lines of PSA's `train_aug.txt`, from {id: name of the photo's file}."""
    return "".join(f"/JPEGImages/{file} /SegmentationClassAug/{name}.png\n" for name, file in photos.items())


def irn_list(photos: Mapping[str, str]) -> str:
    """Return the lines of IRN's `train_aug.txt`, an id each."""
    return "".join(f"{name}\n" for name in photos)
