"""The embedded data set `mini`: photo-like scenes drawn from a seed, with the two causes of bad seeds built in.

- Under-activation: an object is a large body whose hue hints at its class, most often with a small part that tells
  it, so the best evidence covers a small share of the mask.
- Over-activation: each class has a usual background, so the background is evidence too, and none of it is in the mask.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from wsss.data.mini.backgrounds import BACKGROUNDS, draw_background
from wsss.data.mini.objects import CLASSES, DrawnObject, draw_object

__all__ = ["BACKGROUNDS", "CLASSES", "SPLITS", "draw_scene", "scene_plan"]

SPLITS: tuple[str, ...] = ("train", "val", "test")
SUPERSAMPLING = 3

_OBJECT_COUNTS = (0.2, 0.4, 0.4)  # probability of 1, 2 and 3 objects
_SAME_CLASS = 0.1  # probability that a further object is of the first one's class
_USUAL_BACKGROUND = 0.6  # of the first object's class; over all classes present it comes to about 70 %
_PART_SHOWN = 0.7  # probability that an object is not seen from behind
_LENGTHS = (30.0, 46.0)  # pixels of a scene of 96
_VISIBLE_OBJECT, _VISIBLE_PART = 0.55, 0.9  # shares below which an object is moved, at last left out


def scene_plan(rng: np.random.Generator) -> tuple[tuple[int, int], list[int]]:
    """Draw what a scene is to show: the two kinds of its background and the class index of each object, front first."""
    first = int(rng.integers(len(CLASSES)))
    further = rng.choice(3, p=_OBJECT_COUNTS)
    others = [first if rng.random() < _SAME_CLASS else int(rng.integers(len(CLASSES))) for _ in range(further)]
    usual = first if rng.random() < _USUAL_BACKGROUND else int(rng.integers(len(BACKGROUNDS)))
    return (usual, int(rng.integers(len(BACKGROUNDS)))), rng.permutation([first, *others]).tolist()


def _place(rng: np.random.Generator, drawn: DrawnObject, canvas: np.ndarray, labels: np.ndarray, label: int) -> None:
    """Paint an object where enough of it shows beside the objects in front, which are already there; or nowhere."""
    side, patch = len(labels), len(drawn.part)
    needed_object, needed_part = _VISIBLE_OBJECT * drawn.silhouette.sum(), _VISIBLE_PART * drawn.part.sum()
    for _ in range(8):
        top, left = rng.integers(-patch // 4, side - patch + patch // 4 + 1, size=2)
        y, x = slice(max(top, 0), min(top + patch, side)), slice(max(left, 0), min(left + patch, side))
        own = (slice(y.start - top, y.stop - top), slice(x.start - left, x.stop - left))
        visible = drawn.silhouette[own] & (labels[y, x] == 0)
        if visible.sum() >= needed_object and (drawn.part[own] & visible).sum() >= needed_part:
            canvas[y, x][visible] = drawn.colour[own][visible]
            labels[y, x][visible] = label
            return


def _shadow(rng: np.random.Generator, covered: np.ndarray, light: float) -> np.ndarray:
    """Return the factor in 0..1 by which the objects' soft shadows darken what is behind them, (side, side)."""
    side = len(covered)
    shift = np.round(-0.04 * side * np.array([np.sin(light), np.cos(light)])).astype(int)
    small = Image.fromarray((255 * covered).astype(np.uint8)).reduce(SUPERSAMPLING)
    soft = small.filter(ImageFilter.GaussianBlur(side / SUPERSAMPLING / 40)).resize((side, side))
    cast = np.roll(np.asarray(soft, dtype=np.float32) / 255, tuple(shift), axis=(0, 1))
    return 1 - np.float32(rng.uniform(0.2, 0.5)) * cast


def _majority(labels: np.ndarray) -> np.ndarray:
    """Reduce (side, side) class numbers to (size, size): the class that covers most of each pixel."""
    present = np.flatnonzero(np.bincount(labels.ravel())).astype(np.uint8)
    shares = [Image.fromarray(255 * (labels == label).astype(np.uint8)).reduce(SUPERSAMPLING) for label in present]
    return present[np.stack([np.asarray(share) for share in shares]).argmax(axis=0)]


def _expose(rng: np.random.Generator, scene: np.ndarray) -> np.ndarray:
    """Photograph a (size, size, 3) scene in 0..255: uneven light, colour cast, contrast, noise."""
    size = len(scene)
    ramp = np.linspace(-1, 1, size, dtype=np.float32)
    tilt = rng.uniform(-0.15, 0.15, size=2)
    vignette = rng.uniform(0, 0.12) * (ramp[:, None] ** 2 + ramp**2)
    lit = scene * (1 + tilt[0] * ramp[:, None] + tilt[1] * ramp - vignette)[..., None]
    lit = lit * rng.uniform(0.9, 1.1, size=3) * rng.uniform(0.8, 1.15)
    lit = 128 + (lit - 128) * rng.uniform(0.85, 1.1)
    noise = rng.standard_normal((size, size, 3), dtype=np.float32) * rng.uniform(2, 7)
    return np.clip(lit + noise, 0, 255).astype(np.uint8)


def draw_scene(random_seed: int, split: str, index: int, size: int = 96) -> tuple[np.ndarray, np.ndarray]:
    """Draw scene `index` of a split: image (size, size, 3) uint8 and mask (size, size) uint8.

    The mask holds 0 for background and 1 + the index in `CLASSES` for body and part alike. A scene depends on
    (random_seed, split, index, size) only, so data sets of different lengths share their scenes.
    """
    rng = np.random.default_rng((random_seed, SPLITS.index(split), index))
    side = size * SUPERSAMPLING
    kinds, classes = scene_plan(rng)
    light = rng.uniform(0, 2 * np.pi)
    canvas, labels = draw_background(rng, kinds, side), np.zeros((side, side), np.uint8)
    for class_index in classes:
        length = rng.uniform(*_LENGTHS) * side / 96
        shows_part = rng.random() < _PART_SHOWN
        _place(rng, draw_object(rng, class_index, length, light, shows_part), canvas, labels, class_index + 1)
    covered = labels > 0
    canvas *= np.where(covered, np.float32(1), _shadow(rng, covered, light))[..., None]
    scene = Image.fromarray(canvas.astype(np.uint8)).reduce(SUPERSAMPLING)
    return _expose(rng, np.asarray(scene, dtype=np.float32)), _majority(labels)
