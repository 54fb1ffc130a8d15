"""Backgrounds of the embedded data set: six kinds of place, each the usual place of one class.

A scene shows two kinds side by side. With one kind to a scene, the background alone told the class so well that a
small network never looked at the objects (measured: mean average precision stayed at 0.70, CAMs at 13 % mIoU).
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from wsss.data.mini.objects import random_colour, smooth_noise

BASE = 96  # the smooth fields are made this large and stretched


def _mix(first: tuple[int, int, int], second: tuple[int, int, int], share: np.ndarray, side: int) -> Image.Image:
    """Return a (side, side) image that goes from `first` to `second` as `share`, (S, S), goes from 0 to 1."""
    start, end = np.array(first, np.float32), np.array(second, np.float32)
    share = np.clip(share, 0, 1).astype(np.float32)
    image = Image.fromarray((start + (end - start) * share[..., None]).astype(np.uint8))
    return image.resize((side, side), Image.Resampling.BILINEAR)


def _ink(rng: np.random.Generator, colour: tuple[int, ...], spread: int = 22) -> tuple[int, ...]:
    """Return `colour`, a little lighter or darker and a little off in hue."""
    jitter = rng.integers(-spread, spread + 1) + rng.integers(-8, 9, size=3)
    return tuple(np.clip(np.array(colour) + jitter, 0, 255).tolist())


def _meadow(rng: np.random.Generator, side: int) -> Image.Image:
    image = _mix(
        (50, 88, 34), (132, 160, 74), 0.6 * smooth_noise(rng, BASE, 5) + 0.4 * smooth_noise(rng, BASE, 24), side
    )
    draw, unit = ImageDraw.Draw(image), side / 96
    for x, y, height, lean in rng.random((110, 4)) * (96, 100, 7, 6) + (0, 0, 3, -3):
        blade = [x * unit, y * unit, (x + lean) * unit, (y - height) * unit]
        draw.line(blade, fill=_ink(rng, (84, 126, 48), 40), width=max(1, round(0.8 * unit)))
    return image


def _water(rng: np.random.Generator, side: int) -> Image.Image:
    depth = np.linspace(0.4, 1, BASE, dtype=np.float32)[:, None]
    waves = np.sin(rng.uniform(28, 40) * np.log(depth + 0.3) * 2 + 5 * smooth_noise(rng, BASE, 6))
    image = _mix((22, 70, 108), (104, 166, 194), 0.45 + 0.25 * waves + 0.5 * (smooth_noise(rng, BASE, 4) - 0.5), side)
    draw, unit = ImageDraw.Draw(image), side / 96
    for x, y, width in rng.random((22, 3)) * (96, 96, 9) + (0, 0, 3):
        draw.line(
            [x * unit, y * unit, (x + width) * unit, y * unit], fill=_ink(rng, (176, 212, 224)), width=round(unit)
        )
    return image


def _sand(rng: np.random.Generator, side: int) -> Image.Image:
    row, column = np.mgrid[:BASE, :BASE].astype(np.float32) / BASE
    slope = rng.uniform(-0.6, 0.6)
    ripples = np.sin(rng.uniform(50, 80) * (row + slope * column) + 7 * smooth_noise(rng, BASE, 5))
    image = _mix((172, 138, 90), (230, 206, 158), 0.5 + 0.2 * ripples + 0.7 * (smooth_noise(rng, BASE, 30) - 0.5), side)
    draw, unit = ImageDraw.Draw(image), side / 96
    for x, y, radius in rng.random((14, 3)) * (96, 96, 2) + (0, 0, 0.8):
        box = [(x - radius) * unit, (y - 0.7 * radius) * unit, (x + radius) * unit, (y + 0.7 * radius) * unit]
        draw.ellipse(box, fill=_ink(rng, (134, 120, 104)))
    return image


def _bricks(rng: np.random.Generator, side: int) -> Image.Image:
    image = _mix((176, 166, 156), (206, 198, 188), smooth_noise(rng, BASE, 20), side)
    draw, unit = ImageDraw.Draw(image), side / 96
    height, width = rng.uniform(8, 12) * unit, rng.uniform(18, 26) * unit
    gap, top = 1.2 * unit, -rng.uniform(0, 8) * unit
    for course in range(int(side / height) + 2):
        left = -(0.5 * (course % 2) + 0.3) * width
        for brick in range(int(side / width) + 3):
            x, y = left + brick * width, top + course * height
            draw.rectangle([x, y, x + width - gap, y + height - gap], fill=_ink(rng, (152, 78, 60)))
    return image


def _night(rng: np.random.Generator, side: int) -> Image.Image:
    image = _mix(
        (16, 18, 44), (92, 60, 104), np.linspace(0, 1, BASE)[:, None] + 0.3 * smooth_noise(rng, BASE, 4) - 0.2, side
    )
    draw, unit = ImageDraw.Draw(image), side / 96
    left = -rng.uniform(0, 10)
    while left < 96:
        width, top = rng.uniform(12, 24), rng.uniform(10, 60)
        draw.rectangle([left * unit, top * unit, (left + width - 1) * unit, side], fill=_ink(rng, (34, 34, 52), 14))
        for x in np.arange(left + 2, left + width - 3, 4.5):
            for y in np.arange(top + 3, 96, 6):
                if rng.random() < 0.4:
                    lamp = [x * unit, y * unit, (x + 1.8) * unit, (y + 2.4) * unit]
                    draw.rectangle(lamp, fill=_ink(rng, (214, 182, 104)))
        left += width
    return image


def _snow(rng: np.random.Generator, side: int) -> Image.Image:
    image = _mix(
        (186, 200, 218), (248, 250, 252), 0.7 * smooth_noise(rng, BASE, 5) + 0.3 * smooth_noise(rng, BASE, 32), side
    )
    draw, unit = ImageDraw.Draw(image), side / 96
    for x, y, height, lean in rng.random((5, 4)) * (96, 40, 50, 16) + (0, -10, 20, -8):
        trunk, foot = _ink(rng, (88, 76, 70)), (x * unit, (y + height) * unit)
        draw.line([*foot, (x + lean) * unit, y * unit], fill=trunk, width=round(rng.uniform(1.0, 2.5) * unit))
        for share, reach in rng.random((4, 2)) * (0.8, 16) + (0.1, -8):
            knot = ((x + lean * share) * unit, (y + height * (1 - share)) * unit)
            twig = [*knot, knot[0] + reach * unit, knot[1] - abs(reach) * unit]
            draw.line(twig, fill=trunk, width=max(1, round(0.8 * unit)))
    return image


_KINDS = (_meadow, _water, _sand, _bricks, _night, _snow)
BACKGROUNDS: tuple[str, ...] = tuple(kind.__name__.strip("_") for kind in _KINDS)


def _clutter(rng: np.random.Generator, image: Image.Image) -> None:
    """Draw a few large dull shapes and some small pale ones, all of them background."""
    draw, side = ImageDraw.Draw(image), image.width
    unit = side / 96
    for _ in range(rng.integers(0, 3)):
        centre, angle = rng.uniform(0, side, size=2), np.sort(rng.uniform(0, 2 * np.pi, size=rng.integers(5, 9)))
        corners = centre + unit * rng.uniform(6, 18, size=(len(angle), 1)) * np.stack([np.cos(angle), np.sin(angle)], 1)
        at = tuple(np.clip(centre, 0, side - 1).astype(int).tolist())
        below = image.getpixel(at)
        assert isinstance(below, tuple)  # as the image is RGB
        draw.polygon(corners.ravel().tolist(), fill=_ink(rng, below, 40))
    for _ in range(rng.integers(4, 10)):
        x, y = rng.uniform(0, side, size=2)
        width, height = unit * rng.uniform(2, 6, size=2)
        ink = tuple(random_colour(rng, (0.05, 0.45), (0.4, 1.0)).astype(int).tolist())
        shape = rng.integers(3)
        if shape == 0:
            draw.ellipse([x, y, x + width, y + height], fill=ink)
        elif shape == 1:
            draw.rectangle([x, y, x + width, y + height], fill=ink)
        else:
            draw.line([x, y, x + 2 * width - 6 * unit, y + height], fill=ink, width=max(1, round(unit)))


def draw_background(rng: np.random.Generator, kinds: tuple[int, int], side: int) -> np.ndarray:
    """Draw two kinds of `BACKGROUNDS` side by side, with clutter: (side, side, 3) float32 in 0..255.

    The border is a wavy line of any direction near the middle.
    """
    first, second = (_KINDS[kind](rng, side) for kind in kinds)
    across, turn = np.linspace(-0.5, 0.5, side, dtype=np.float32), rng.uniform(0, 2 * np.pi)
    height = np.float32(np.cos(turn)) * across + np.float32(np.sin(turn)) * across[:, None]
    height += 0.2 * (smooth_noise(rng, side, 5) - 0.5)
    image = Image.composite(first, second, Image.fromarray(height > rng.uniform(-0.15, 0.15)))
    _clutter(rng, image)
    return np.array(image, dtype=np.float32)
