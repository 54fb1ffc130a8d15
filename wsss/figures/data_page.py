"""The page that shows what is in a prepared data set: one HTML file, with its pictures in it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from wsss.data.inspect import OWN_EDGES, SplitReport
from wsss.data.prepared import PreparedDataset
from wsss.figures.page import figure, key, page, table
from wsss.figures.pictures import mask_overlay
from wsss.figures.shown_images import shown_ids

_IDS_SHOWN = 8


def data_page(
    data: PreparedDataset, name: str, reports: Mapping[str, SplitReport], split: str, contrast: float | None, count: int
) -> str:
    """Return the page as HTML.

    Args:
        reports: what to show of each split.
        split: the split that `count` sample photos are taken from, so that they show as many classes as may be.
        contrast: `median_edge_contrast` of its masks.
    """
    return page(
        f"{name}: data",
        "<h2>Splits</h2>",
        table(["split", "images", "labelled", "with a mask", "height", "width"], _split_rows(reports)),
        "<p>Heights and widths in pixels: least, median, greatest.</p>",
        "<h2>What is odd</h2>",
        table(["", "split", "images", "for example"], _odd_rows(reports)) or "<p>Nothing.</p>",
        f"<p>{_edges(contrast, split)}</p>" if any(report.masked for report in reports.values()) else "",
        "<h2>Images per class</h2>",
        _classes(data.classes, reports),
        "<h2>Labels per image</h2>",
        _labels(reports),
        f"<h2>Photos of {html.escape(split)}</h2>",
        *(_sample(data, image) for image in shown_ids(data, data.split(split), count)),
    )


def _split_rows(reports: Mapping[str, SplitReport]) -> Iterable[list[str]]:
    for split, report in reports.items():
        sizes = np.array(list(report.sizes.elements()))
        spans = [f"{side.min()} – {np.median(side):.0f} – {side.max()}" for side in sizes.T]
        labelled = "no" if report.class_images is None else "yes"
        yield [html.escape(split), f"{report.images:,}", labelled, f"{report.masked:,}", *spans]


def _odd_rows(reports: Mapping[str, SplitReport]) -> Iterable[list[str]]:
    for split, report in reports.items():
        for what, ids in report.odd.items():
            if ids:
                examples = ", ".join(f"<code>{html.escape(name)}</code>" for name in ids[:_IDS_SHOWN])
                yield [html.escape(what), html.escape(split), f"{len(ids):,}", examples]


def _edges(contrast: float | None, split: str) -> str:
    if contrast is None:
        return "Too few masks to tell whether they follow the edges of their photos."
    verdict = "as masks on their own photos do" if contrast >= OWN_EDGES else "<b>like masks on foreign photos</b>"
    return (
        f"Along the outlines of the masks of {html.escape(split)} the photos' edges are {contrast:.2f} times as "
        f"strong as everywhere, {verdict} (usual: 1.8; foreign photos: 1.2)."
    )


def _classes(classes: Sequence[str], reports: Mapping[str, SplitReport]) -> str:
    labelled = {split: report.class_images for split, report in reports.items() if report.class_images is not None}
    most = max((images.max() for images in labelled.values()), default=1)
    rows = []
    for number, name in enumerate(classes, 1):
        cells = [f"{key(number)}{number} {html.escape(name)}"]
        for split, images in labelled.items():
            report = reports[split]
            width = 12 * images[number - 1] / max(1, most)
            cells.append(f'<span class=bar style="width:{width:.2f}em"></span>{images[number - 1]:,}')
            cells += [f"{report.class_pixels[number]:.2%}"] * bool(report.masked)
        rows.append(cells)
    heads = ((html.escape(split), *["of the pixels"] * bool(reports[split].masked)) for split in labelled)
    return table(["class", *(text for of_split in heads for text in of_split)], rows)


def _labels(reports: Mapping[str, SplitReport]) -> str:
    counts = {split: report.labels_per_image for split, report in reports.items() if report.class_images is not None}
    numbers = sorted({number for count in counts.values() for number in count})
    rows = [[str(number), *(f"{count[number]:,}" for count in counts.values())] for number in numbers]
    return table(["classes", *map(html.escape, counts)], rows)


def _sample(data: PreparedDataset, name: str) -> str:
    photo = data.image(name)
    pictures = [photo] + ([mask_overlay(photo, data.mask(name))] if data.has_mask(name) else [])
    shown: list[int] = (np.flatnonzero(data.labels([name])[0]) + 1).tolist() if data.knows_labels(name) else []
    return figure(pictures, name, [(number, data.classes[number - 1]) for number in shown])
