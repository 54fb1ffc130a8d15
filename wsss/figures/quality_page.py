"""The page that shows how good masks are without a true mask: the numbers, and the worst masks."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wsss.data.prepared import PreparedDataset
from wsss.figures.page import figure, key, page, table
from wsss.figures.pictures import mask_overlay
from wsss.files import read_mask

_MEANING = (
    "<p>Nothing here has looked at a true mask. <b>Lacking</b>: classes that an image is labelled with, and its mask "
    "has no pixel of. <b>Marked</b>: the share of an image that its mask says is of a class. <b>Open</b>: the share of "
    "which the dense CRFs over the seeds are not sure. <b>Contradicted</b>: the share where they are sure of something "
    "else than the mask says. Where that is much, masks and confident labels are of different minds: look whether the "
    "masks cover too little or the labels too much. The worst masks come first: those that lack most classes, then "
    "those that mark less than 1 %, and among equal ones those with most pixels open or contradicted. "
    "<b>Average precision</b>: how well the seed network ranks images that it was not trained on by their labels.</p>"
)


def quality_page(
    data: PreparedDataset,
    name: str,
    numbers: Mapping[str, Any],
    masks: Path,
    labels: Path | None,
    known: Mapping[str, Any] | None,
    count: int,
) -> str:
    """Return the page as HTML, with the `count` worst images.

    Args:
        name: of the data set and the variant.
        numbers: of `wsss.evaluation.mask_quality.summary`.
        masks, labels: the folders of masks and of confident labels, which masks of another method come without.
        known: how well the seed network knows labels that were held out (`ranking_metrics`), if some were.
    """
    images = numbers["images"]
    rows = [
        ["masks that lack a class of their image", f"{numbers['images_lacking_a_class']:,} of {images:,}"],
        ["masks of an image with a class that mark less than 1 % of it", f"{numbers['images_hardly_marked']:,}"],
        *(
            [name, f"{numbers[key]:.1f} % of the pixels"]
            for name, key in (("marked", "marked"), ("open", "void"), ("contradicted", "contradicted"))
            if key in numbers
        ),
    ]
    if known is not None:
        rows.append([f"mean average precision on {known['images']:,} images held out", _percent(known["map"])])
    precision = (
        {label: [_percent(of["average_precision"])] for label, of in known["per_class"].items()} if known else {}
    )
    classes = [
        [
            *(f"{key(number)}{number} {html.escape(label)}", f"{of['images']:,}", f"{of['lacking']:,}"),
            *precision.get(label, ()),
        ]
        for number, (label, of) in enumerate(numbers["per_class"].items(), 1)
    ]
    columns = ["class", "images", "lacking", *(["average precision"] if known else [])]
    return page(
        f"{name}: masks",
        _MEANING,
        table(["", ""], rows),
        table(columns, classes),
        f"<h2>The worst of {html.escape(numbers['split'])}</h2><p>Photo, "
        f"{'what the CRFs are sure of, ' if labels else ''}mask.</p>",
        *(_picture(data, one, masks, labels) for one in numbers["worst_first"][:count]),
    )


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f} %"


def _picture(data: PreparedDataset, one: Mapping[str, Any], masks: Path, labels: Path | None) -> str:
    name = one["id"]
    photo = data.image(name)
    folders = [masks] if labels is None else [labels, masks]
    pictures = [photo, *(mask_overlay(photo, read_mask(folder / f"{name}.png")) for folder in folders)]
    (row,) = data.labels([name])
    shown = [(number, label) for number, label in enumerate(data.classes, 1) if row[number - 1]]
    said = [f"lacks {', '.join(one['lacking'])}"] if one["lacking"] else []
    said += [f"marked {one['marked']:.1f} %"]
    said += [f"open {one['void']:.0f} %, contradicted {one['contradicted']:.0f} %"] if "void" in one else []
    return figure(pictures, name, shown, "; ".join(said))
