"""Photos that are to be turned before they are looked at, as EXIF says, and annotations that are turned with them.

Everything here sees a photo upright. Its mask, or the size that a JSON or XML gives, tells whether it was annotated
upright or as its pixels lie in the file, where the two differ.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image

from wsss.errors import first_few

Turn = Image.Transpose

_TURNS = {  # by EXIF's number: what makes the photo upright
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}
_SWAP_SIDES = (Turn.TRANSPOSE, Turn.ROTATE_270, Turn.TRANSVERSE, Turn.ROTATE_90)


@dataclass(frozen=True)
class Orientation:
    """A photo's size as its pixels lie in the file, (height, width), and the turn that makes it upright, if any."""

    stored: tuple[int, int]
    turn: Turn | None

    @property
    def upright(self) -> tuple[int, int]:
        """The photo's (height, width) as it is looked at."""
        return self.stored[::-1] if self.turn in _SWAP_SIDES else self.stored

    def fits(self, size: tuple[int, int]) -> bool:
        """Return whether an annotation of this (height, width) can be of this photo, upright or as it is stored."""
        return size in (self.upright, self.stored)

    def turn_of(self, size: tuple[int, int]) -> Turn | None:
        """Return the turn that an annotation of this (height, width) needs, to lie on the upright photo.

        None where it fits that already, also where it fits either way.
        """
        return self.turn if size == self.stored != self.upright else None

    def __str__(self) -> str:
        height, width = self.upright
        turned = "" if self.turn is None else f" (stored as {self.stored[1]}x{self.stored[0]}, turned as its EXIF says)"
        return f"{width}x{height}{turned}"


def orientation(image: Image.Image) -> Orientation:
    """Return how an image lies; EXIF that is broken says nothing."""
    try:
        number = image.getexif().get(ExifTags.Base.Orientation)
    except (struct.error, ValueError, TypeError, KeyError, SyntaxError, ZeroDivisionError, OSError):
        number = None
    turn = _TURNS.get(number) if isinstance(number, int) else None
    return Orientation((image.height, image.width), turn)


def upright(image: Image.Image) -> Image.Image:
    """Return an image turned as its EXIF says."""
    turn = orientation(image).turn
    return image if turn is None else image.transpose(turn)


def turned(mask: np.ndarray, turn: Turn | None) -> np.ndarray:
    """Return a mask, (H, W), turned."""
    return mask if turn is None else np.asarray(Image.fromarray(mask).transpose(turn))


def tell_turned(photos: Mapping[str, Orientation], masked: Container[str]) -> None:
    """Say which photos are turned, and of which nothing tells whether their masks have to be, too.

    masked: the ids that have a mask.
    """
    lying = {name: photo for name, photo in photos.items() if photo.turn is not None}
    if not lying:
        return
    text = f"turned as EXIF says: {len(lying)} of {len(photos)} photos ({first_few(list(lying))})"
    if unclear := [name for name, photo in lying.items() if name in masked and photo.upright == photo.stored]:
        text = (
            f"warning: {text}. The masks of {first_few(unclear)} have the right size either way, and are taken to be "
            "of the turned photo; look at them in data.html"
        )
    print(text, file=sys.stderr)
