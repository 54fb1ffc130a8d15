"""Objects of the embedded data set: a large body that hints at the class, a small part that tells it.

Outline and pattern of a body are drawn without knowledge of the class; its hue is most often near the class's usual
one, but strays into the neighbours'. The part (about a tenth of the object's area) differs between classes in shape,
in pattern and in colour.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

Polygon = np.ndarray  # (N, 2) of x, y; the unit circle is the extent of a part


def _disc(radius: float, x: float = 0.0, y: float = 0.0) -> Polygon:
    angle = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def _star(points: int, outer: float, inner: float) -> Polygon:
    angle = np.arange(2 * points) * np.pi / points - np.pi / 2
    radius = np.where(np.arange(2 * points) % 2 == 0, outer, inner)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def _plus(arm: float, half: float) -> Polygon:
    a, h = arm, half
    corners = [(-h, -a), (h, -a), (h, -h), (a, -h), (a, h), (h, h), (h, a), (-h, a), (-h, h), (-a, h), (-a, -h)]
    return np.array([*corners, (-h, -h)])


def _checkers() -> list[tuple[Polygon, tuple[int, int, int]]]:
    edge, cell = 0.84, 0.56
    squares = [(_box(-edge, -edge, edge, edge), (18, 18, 20))]
    for row in range(3):
        for column in range(3):
            if (row + column) % 2 == 0:
                x, y = -edge + column * cell, -edge + row * cell
                squares.append((_box(x + 0.03, y + 0.03, x + cell - 0.03, y + cell - 0.03), (244, 244, 240)))
    return squares


def _flower() -> list[tuple[Polygon, tuple[int, int, int]]]:
    turn = np.arange(6) * np.pi / 3
    petals = [(_disc(0.36, 0.64 * np.cos(a), 0.64 * np.sin(a)), (226, 58, 170)) for a in turn]
    return [*petals, (_disc(0.34), (250, 226, 96))]


def _triangle(scale: float) -> Polygon:
    return scale * np.array([(0.0, -1.0), (0.95, 0.75), (-0.95, 0.75)])


# A part is a list of polygons, painted in this order; together they are its silhouette.
PARTS: dict[str, list[tuple[Polygon, tuple[int, int, int]]]] = {
    "star": [(_star(5, 1.1, 0.55), (92, 52, 10)), (_star(5, 0.9, 0.42), (252, 208, 24))],
    "target": [(_disc(0.95), (206, 26, 30)), (_disc(0.66), (246, 242, 236)), (_disc(0.36), (206, 26, 30))],
    "cross": [(_plus(1.0, 0.42), (240, 244, 250)), (_plus(0.84, 0.25), (24, 66, 200))],
    "flower": _flower(),
    "checker": _checkers(),
    "triangle": [
        (_triangle(1.1), (8, 84, 44)),
        (_box(-0.34, -0.16, 0.34, 0.08), (150, 240, 140)),
        (_box(-0.66, 0.36, 0.66, 0.6), (150, 240, 140)),
    ],
}
CLASSES: tuple[str, ...] = tuple(PARTS)
HUES = {name: 0.08 + index / len(PARTS) for index, name in enumerate(PARTS)}  # usual hue of each class's bodies
_USUAL_HUE, _HUE_SPREAD = 0.95, 0.07  # how often a body has it; how far it strays: into the neighbours' hues


class DrawnObject(NamedTuple):
    """One object on a square patch of side S."""

    colour: np.ndarray  # (S, S, 3) float32 in 0..255, meaningful inside `silhouette`
    silhouette: np.ndarray  # (S, S) bool, body and part
    part: np.ndarray  # (S, S) bool


def smooth_noise(rng: np.random.Generator, side: int, cells: int) -> np.ndarray:
    """Return (side, side) float32 noise in about 0..1 whose blobs are about side/cells wide."""
    coarse = Image.fromarray(rng.random((cells, cells), dtype=np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC))


def random_colour(
    rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float], hue: float | None = None
) -> np.ndarray:
    """Return an RGB colour, (3,) float in 0..255, of a saturation and a value in these ranges, near a hue or of any."""
    turn = rng.random() if hue is None else hue + rng.uniform(-_HUE_SPREAD, _HUE_SPREAD)
    channels = np.abs((turn * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    return 255 * rng.uniform(*value) * (1 + rng.uniform(*saturation) * (np.clip(channels, 0, 1) - 1))


def _body_radius(rng: np.random.Generator, angle: np.ndarray, aspect: float) -> np.ndarray:
    """Return the outline's distance from the centre: a superellipse with a few bulges, about 1 along its long axis."""
    power = rng.uniform(1.8, 4.0)
    radius = (np.abs(np.cos(angle)) ** power + np.abs(np.sin(angle) / aspect) ** power) ** (-1 / power)
    for waves in (1, 3, 5):
        radius = radius * (1 + rng.uniform(-0.08, 0.08) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi)))
    return radius


def _body_colour(rng: np.random.Generator, hue: float | None, x: np.ndarray, y: np.ndarray, light: float) -> np.ndarray:
    """Colour a body at positions (x, y) of its own frame (both about -1..1): two tones, one pattern, one light."""
    first = random_colour(rng, (0.5, 0.8), (0.6, 1.0), hue)
    second = 0.5 * first + 0.5 * random_colour(rng, (0.4, 0.7), (0.5, 1.0), hue)
    pattern = rng.integers(4)
    if pattern == 0:
        tone = np.zeros_like(x)
    elif pattern == 1:
        tone = np.clip(0.5 + 2 * np.sin(rng.uniform(5, 10) * x + rng.uniform(0, 6.3)), 0, 1)
    elif pattern == 2:
        tone = np.clip(6 * (smooth_noise(rng, len(x), 9) - 0.55), 0, 1)
    else:
        tone = np.clip(0.5 + 0.6 * x, 0, 1)
    shade = 1.08 - 0.22 * (x * x + y * y) + 0.2 * (np.cos(light) * x + np.sin(light) * y)
    first, change = first.astype(np.float32), (second - first).astype(np.float32)
    return (first + change * tone[..., None].astype(np.float32)) * shade[..., None].astype(np.float32)


def draw_object(
    rng: np.random.Generator, class_index: int, length: float, light: float = -0.8, shows_part: bool = True
) -> DrawnObject:
    """Draw an object of class `CLASSES[class_index]`, `length` pixels long, lit from the angle `light` (radians).

    Without `shows_part` it is seen from behind: the body alone.
    """
    side = int(np.ceil(1.5 * length))
    centre, half = side / 2, length / 2
    turn, aspect = rng.uniform(0, 2 * np.pi), rng.uniform(0.62, 0.95)
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    radius = half * _body_radius(rng, angle, aspect)
    outline = np.stack([centre + radius * np.cos(angle + turn), centre + radius * np.sin(angle + turn)], axis=1)
    silhouette = Image.new("L", (side, side))
    ImageDraw.Draw(silhouette).polygon(outline.ravel().tolist(), fill=1)

    across = (np.arange(side, dtype=np.float32) - centre) / half
    east, south = across[None, :], across[:, None]
    x, y = east * np.cos(turn) + south * np.sin(turn), (south * np.cos(turn) - east * np.sin(turn)) / aspect
    hue = HUES[CLASSES[class_index]] if rng.random() < _USUAL_HUE else None
    colour = _body_colour(rng, hue, x, y, light - turn)

    # The part sits near an end of the long axis and sticks out a little, as a head or a tail does.
    end = rng.integers(-5, 6)
    place = centre + 0.78 * (outline[end] - centre)
    part_radius = half * rng.uniform(0.3, 0.36)
    tilt = rng.uniform(-0.35, 0.35)
    spin = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    painted = Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8))
    part = Image.new("L", (side, side))
    paint, stencil = ImageDraw.Draw(painted), ImageDraw.Draw(part)
    fade = rng.uniform(0.85, 1.08, size=3)
    for polygon, ink in PARTS[CLASSES[class_index]] if shows_part else ():
        corners = (place + part_radius * polygon @ spin).ravel().tolist()
        paint.polygon(corners, fill=tuple(np.clip(ink * fade, 0, 255).astype(int).tolist()))
        stencil.polygon(corners, fill=1)
    part_mask = np.asarray(part, dtype=bool)
    return DrawnObject(np.asarray(painted, dtype=np.float32), np.asarray(silhouette, dtype=bool) | part_mask, part_mask)
