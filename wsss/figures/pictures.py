"""Pictures: photos under class masks and heat maps, and grids of them. Arrays in, arrays and matplotlib figures out.

    row = [photo, heat_map(photo, seed_at_full_size(seed).max(0)), mask_overlay(photo, mask)]
    write_figure(path, image_grid([row], ["photo", "seed", "mask"]))

Class colours are those of PASCAL VOC; every region has a white outline besides, for readers who confuse two of them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from wsss.data.outline import outline
from wsss.files import VOID, voc_palette

_ROW_TITLE, _TITLE_LINE, _PANEL_TITLE, _KEY_LINE, _GAP = 0.4, 0.15, 0.24, 0.22, 0.08  # inches; a column has one
_KEY_PATCH, _LETTER = 0.6, 0.075  # inches of the key to the colours: a patch with its gaps, a letter


def mask_overlay(photo: np.ndarray, mask: np.ndarray, opacity: float = 0.65) -> np.ndarray:
    """Return a photo under a class mask in VOC's colours, (H, W, 3) uint8.

    Args:
        photo: (H, W, 3) uint8.
        mask: (H, W) class numbers; background shows the photo as it is, void is hatched in white.
        opacity: of the class colours, in [0, 1]. The outline of every class region is white.
    """
    picture = photo.astype(np.float32)
    void = mask == VOID
    things = (mask > 0) & ~void
    picture[things] += opacity * (voc_palette()[mask[things]] - picture[things])
    picture[void] += 0.4 * (255 - picture[void])
    rows, columns = np.indices(mask.shape)
    period = max(4, round(min(mask.shape) / 20))
    picture[void & ((rows + columns) % period < period / 2)] = 255
    picture[things & outline(mask, max(1, round(min(mask.shape) / 200)))] = 255
    return picture.round().astype(np.uint8)


def heat_map(photo: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return a grey photo under a heat map (inferno), the more opaque the hotter, (H, W, 3) uint8.

    Args:
        photo: (H, W, 3) uint8.
        values: (H, W) in [0, 1], e.g. a seed's winning value, its maximum over the classes.
    """
    grey = np.repeat(photo.mean(-1, keepdims=True), 3, axis=-1)
    heat = 255 * matplotlib.colormaps["inferno"](values)[..., :3]
    opacity = 0.4 + 0.5 * values[..., None]
    return (grey + opacity * (heat - grey)).round().astype(np.uint8)


def feature_map(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return features (h, w), from their lowest (dark) to their highest value (bright), as an image (*size, 3) uint8.

    Each position is a block of pixels, so that the network's resolution shows.
    """
    low, high = values.min(), values.max()
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    rows, columns = ((np.arange(n) * m) // n for n, m in zip(size, values.shape, strict=True))
    colours = 255 * matplotlib.colormaps["viridis"](share[rows[:, None], columns])[..., :3]
    return colours.round().astype(np.uint8)


def image_grid(
    rows: Sequence[Sequence[np.ndarray]],
    column_titles: Sequence[str],
    row_titles: Sequence[str] | None = None,
    figure: Figure | SubFigure | None = None,
    top: float | None = None,
) -> Figure | SubFigure:
    """Draw images (H, W, 3) uint8 in rows under column titles, a column an inch wide.

    Returns a new figure, or `figure`, with the images from `top` inches below its upper edge.
    """
    heights = _row_heights(rows)
    left, top = _ROW_TITLE if row_titles else _GAP, top or _titles_height(column_titles)
    if figure is None:
        figure = Figure(figsize=(left + len(column_titles) + _GAP, top + sum(heights) + _GAP))
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    edges = {"left": left / width, "right": 1 - _GAP / width}
    edges |= {"bottom": 1 - (top + sum(heights)) / height, "top": 1 - top / height}
    grid = figure.add_gridspec(len(rows), len(column_titles), height_ratios=heights, wspace=0.05, hspace=0.05, **edges)
    for row, images in enumerate(rows):
        for column, image in enumerate(images):
            axes = figure.add_subplot(grid[row, column])
            axes.imshow(image, interpolation="auto")
            axes.set(xticks=[], yticks=[])
            axes.spines[:].set_visible(False)
            if row == 0:
                axes.set_title(_wrap(column_titles[column]), fontsize=8.5, pad=3)
            if column == 0 and row_titles:
                axes.set_ylabel(_wrap(row_titles[row], heights[row], 3), fontsize=7, labelpad=3)
    return figure


def _row_heights(rows: Sequence[Sequence[np.ndarray]]) -> list[float]:
    return [row[0].shape[0] / row[0].shape[1] for row in rows]  # in inches, as columns are an inch wide


def _wrap(title: str, inches: float = 1.0, most_lines: int | None = None) -> str:
    width = max(10, int(17 * inches))  # letters
    wrap = textwrap.TextWrapper(width, break_long_words=False, max_lines=most_lines, placeholder=" …")
    return "\n".join(wrap.fill(line) for line in title.splitlines())


def _titles_height(titles: Sequence[str]) -> float:
    return _GAP + _TITLE_LINE * max(_wrap(title).count("\n") + 1 for title in titles)


@dataclass(frozen=True)
class Panel:
    """A grid of images under a title; see `image_grid`."""

    title: str
    rows: Sequence[Sequence[np.ndarray]]
    column_titles: Sequence[str]
    row_titles: Sequence[str] | None = None


def image_panels(panels: Sequence[Panel], classes: Mapping[int, str]) -> Figure:
    """Draw panels side by side, and below them the key to the masks' colours: {number: name} of `classes`."""
    widths = [len(panel.column_titles) + (_ROW_TITLE if panel.row_titles else _GAP) + _GAP for panel in panels]
    top = _PANEL_TITLE + max(_titles_height(panel.column_titles) for panel in panels)
    above = top + max(sum(_row_heights(panel.rows)) for panel in panels) + _GAP
    longest = max(map(len, (*classes.values(), "void")))
    columns = max(1, int(sum(widths) / (_KEY_PATCH + _LETTER * longest)))
    below = _KEY_LINE * -(-(len(classes) + 1) // columns) + _GAP
    figure = Figure(figsize=(sum(widths), above + below))
    (upper,), (lower,) = figure.subfigures(2, 1, height_ratios=[above, below], hspace=0, squeeze=False)
    parts = upper.subfigures(1, len(panels), width_ratios=widths, wspace=0, squeeze=False)[0]
    for part, panel, width in zip(parts, panels, widths, strict=True):
        left = (_ROW_TITLE if panel.row_titles else _GAP) / width
        part.suptitle(panel.title, x=left, y=1 - 0.04 / above, ha="left", va="top", fontsize=10, fontweight="bold")
        image_grid(panel.rows, panel.column_titles, panel.row_titles, part, top)
    palette = voc_palette() / 255
    patches = [Patch(facecolor=palette[number], label=name) for number, name in classes.items()]
    patches.append(Patch(facecolor="white", edgecolor="#999999", hatch="/////", label="void"))
    lower.legend(handles=patches, loc="center", ncols=columns, frameon=False, fontsize=8.5, columnspacing=1.5)
    return figure
