"""A foreign file of localisation maps: its structure told by what it holds, its content held against the image.

PSA, SEAM, MCTformer: {class: (H, W)}, also with the background as 0, as their CRFs write it.
IRN, ReCAM, AdvCAM: {"keys", "cam", "high_res"}; CLIP-ES: {"keys", "attn_highres"}; with maps (K, H, W), in "cam"
(K, ⌈H/4⌉, ⌈W/4⌉).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wsss.errors import InputError
from wsss.foreign.dictionary import read_dictionary
from wsss.foreign.numbering import FROM_ONE, of_keys

_MAPS = ("high_res", "hr_cam", "attn_highres", "cam")  # the first that is there; only `cam` may be smaller
_TOLERANCE = 1e-3  # of a largest value beyond 1: half precision


@dataclass(frozen=True)
class SeedMaps:
    """The maps of one image from a foreign file.

    classes: (K,) int64, ascending, in 1…C.
    maps: (K, h, w) float32 in [0, 1]; what was below 0 is 0.
    background: (h, w), where the file has one.
    numbering: how the file counts; None where it has no map at all.
    """

    classes: np.ndarray
    maps: np.ndarray
    background: np.ndarray | None
    numbering: str | None


def read_seed_maps(path: Path, labels: Collection[int], size: tuple[int, int], numbering: str | None) -> SeedMaps:
    """Read a foreign file of an image's maps.

    Args:
        labels: the classes 1…C of the image.
        size: (H, W) of the image.
        numbering: what the user says of it; None: what `labels` tell.

    Raises:
        InputError: names the file and what does not fit: structure, classes, sizes, values.
    """
    found = _by_key(path, read_dictionary(path))
    fits = of_keys(found, labels)
    if fits is None and (found or labels):
        raise InputError(
            f"{path}: maps of the keys {sorted(found)}, but the image is labelled {sorted(labels)}: counted from 0 "
            "or from 1 (with the background as 0 or without), they are other classes; one map for each is needed"
        )
    if numbering is not None and found and fits != numbering:
        raise InputError(
            f"{path}: by the image's labels {sorted(labels)} it is {fits}; take away numbering: {numbering}"
        )
    first = 0 if fits == FROM_ONE else 1  # what makes a class of a key
    maps = {key + first: _checked(path, key, one, size) for key, one in found.items()}
    background = maps.pop(0, None)
    classes = np.array(sorted(maps), np.int64)
    stacked = np.stack([maps[number] for number in classes]) if len(classes) else np.zeros((0, *size), np.float32)
    return SeedMaps(classes, stacked, background, fits if found else None)


def _by_key(path: Path, found: dict[Any, Any]) -> dict[int, np.ndarray]:
    """Return {key: map} of either structure."""
    if "keys" in found:
        name = next((name for name in _MAPS if name in found), None)
        if name is None:
            raise InputError(
                f"{path}: it has keys, but none of {', '.join(_MAPS)} beside them: {sorted(map(str, found))}"
            )
        keys, maps = np.asarray(found["keys"]).reshape(-1), np.asarray(found[name])
        if len(keys) != (len(maps) if maps.ndim else 0):
            raise InputError(f"{path}: {len(keys)} keys, but {name} is {maps.shape}; it must have a map for each key")
        if len(set(keys.tolist())) < len(keys):
            raise InputError(f"{path}: a key stands twice in {keys.tolist()}; keep one map of each class")
        return {_number(path, key): one for key, one in zip(keys.tolist(), maps, strict=True)}
    return {_number(path, key): np.asarray(one) for key, one in found.items()}


def _number(path: Path, key: Any) -> int:
    if isinstance(key, bool) or not isinstance(key, int | np.integer) or key < 0:
        raise InputError(
            f"{path}: {key!r} is no key of a known structure, which are class numbers (PSA), or keys beside one of "
            f"{', '.join(_MAPS)} (IRN)"
        )
    return int(key)


def _checked(path: Path, key: int, one: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    sizes = {size, (-(-height // 4), -(-width // 4))}
    if one.shape not in sizes:
        turned = "; it is transposed" if one.shape[::-1] in sizes else "; is it of another photo?"
        raise InputError(f"{path}: the map of key {key} is {one.shape}, its image {size} (height, width){turned}")
    if one.dtype.kind not in "fiu":
        raise InputError(f"{path}: the map of key {key} holds {one.dtype}, not numbers")
    one = one.astype(np.float32)
    if not np.isfinite(one).all():
        raise InputError(f"{path}: the map of key {key} holds NaN or infinity; write the file again")
    if one.max() > 1 + _TOLERANCE:
        raise InputError(
            f"{path}: the map of key {key} goes up to {one.max():.3g}; divide each map by its maximum first"
        )
    return one.clip(0, 1)
