"""What the page shows of one image, as WebP: the photo, class masks and seeds as transparent layers over it."""

from __future__ import annotations

import io

import matplotlib
import numpy as np
from PIL import Image

from wsss.files import VOID, voc_palette

LONGER_SIDE = 512  # pixels, at most, of what the view of one image shows
_COOLEST, _HOTTEST = 0.45, 0.95  # opacity of a seed's values 0 and 1


def fitted(size: tuple[int, int], longer_side: int) -> tuple[int, int]:
    """Return the (width, height) of an image of size (H, W) whose longer side is no longer than that."""
    height, width = size
    factor = min(1.0, longer_side / max(height, width))
    return max(1, round(factor * width)), max(1, round(factor * height))


def photo_layer(photo: np.ndarray, longer_side: int = LONGER_SIDE) -> Image.Image:
    """Return a photo (H, W, 3) uint8, no larger than asked."""
    return Image.fromarray(photo).resize(fitted(photo.shape[:2], longer_side), Image.Resampling.LANCZOS)


def mask_layer(mask: np.ndarray, longer_side: int = LONGER_SIDE) -> Image.Image:
    """Return a class mask (H, W) uint8 in VOC's colours; background is transparent, void half white."""
    small = np.asarray(Image.fromarray(mask).resize(fitted(mask.shape, longer_side), Image.Resampling.NEAREST))
    picture = np.zeros((*small.shape, 4), np.uint8)
    shown = small > 0
    picture[shown, :3], picture[shown, 3] = voc_palette()[small[shown]], 255
    picture[small == VOID] = (255, 255, 255, 150)
    return Image.fromarray(picture)


def seed_layer(values: np.ndarray) -> Image.Image:
    """Return one class's map (h, w) in [0, 1] as heat (inferno), the more opaque the hotter."""
    values = values.astype(np.float32)
    picture = (255 * matplotlib.colormaps["inferno"](values)).round().astype(np.uint8)
    picture[..., 3] = (255 * (_COOLEST + (_HOTTEST - _COOLEST) * values)).round().astype(np.uint8)
    return Image.fromarray(picture)


def webp(picture: Image.Image, lossless: bool = False, quality: int = 80) -> bytes:
    """Return a picture as WebP; the same picture gives the same bytes."""
    file = io.BytesIO()
    picture.save(file, "WEBP", lossless=lossless, quality=60 if lossless else quality, method=4)
    return file.getvalue()
