"""Thumbnails packed into sheets, a file for a hundred of them."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

PER_ROW = 10
PER_SHEET = PER_ROW**2
SIDE = 128  # pixels of a tile


def sheet(pictures: Sequence[Image.Image], side: int = SIDE) -> Image.Image:
    """Return up to `PER_SHEET` pictures as tiles, row by row; each lies in the middle of its tile.

    `pictures` are no larger than a tile; what they do not cover is transparent.
    """
    rows = -(-len(pictures) // PER_ROW)
    whole = Image.new("RGBA", (PER_ROW * side, rows * side))
    for index, picture in enumerate(pictures):
        left, top = side * (index % PER_ROW), side * (index // PER_ROW)
        place = left + (side - picture.width) // 2, top + (side - picture.height) // 2
        whole.paste(picture.convert("RGBA"), place)
    return whole
