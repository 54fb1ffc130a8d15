"""A page that says, for each product behind a result, what made it: when, where, by which code, how fast."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wsss.config.stages import TRAININGS
from wsss.product.record import Record

_COLUMNS = ("product", "made", "commit", "device", "seconds", "images", "images/s", "memory, MB", "random seed")


def provenance_page(
    dataset: str, records: Mapping[Path, Record | None], older_code: str, accepted_code: str, tuned: dict[Path, str]
) -> str:
    """Return the page in Markdown.

    Args:
        dataset: whose results they are.
        records: of products, None where there is none.
        older_code: products that other code has made than there is now, between semicolons.
        accepted_code: those of such products that somebody has accepted, and who.
        tuned: {file of metrics: the images whose true masks chose the score of the background}.
    """
    rows = [_cells(product, record) for product, record in sorted(records.items())]
    chosen = [f"- {metrics}: the score of the background, on {images}" for metrics, images in sorted(tuned.items())]
    known = {product: record for product, record in sorted(records.items()) if record is not None}
    return "\n".join(
        [
            f"# Where the numbers of {dataset} come from\n",
            "All that the results and the experiments beside them were made of. The record beside each (`*.run.json`)",
            "has the parameters, and digests of inputs, code and the thing itself.\n",
            f"| {' | '.join(_COLUMNS)} |",
            f"| {' | '.join(['---'] * len(_COLUMNS))} |",
            *(f"| {' | '.join(cells)} |" for cells in rows),
            "\n`*`: code differed from the commit. Images count as often as a training has seen them; of one that was",
            "interrupted, time and images are those since then.\n",
            "## Chosen by true masks\n",
            *(chosen or ["Nothing."]),
            "\n## Code\n",
            *(
                _code(older_code, accepted_code)
                or ["Nothing that takes hours was made by older code than there is now."]
            ),
            "\n## Versions\n",
            *_versions(known),
            "",
        ]
    )


def _cells(product: Path, record: Record | None) -> list[str]:
    if record is None:
        return [str(product), "no record", *[""] * (len(_COLUMNS) - 2)]
    block = record.settings.get(TRAININGS.get(record.stage, ""), {})
    return [
        str(product),
        record.made,
        f"{record.commit or 'none'}{'*' if record.dirty else ''}",
        record.device,
        f"{record.seconds:g}",
        *("" if number is None else f"{number:g}" for number in (record.images, record.images_per_second)),
        f"{record.peak_memory_mb:.0f}",
        str(block.get("random_seed", "")),
    ]


def _code(older_code: str, accepted_code: str) -> list[str]:
    older = [f"- {one}: made by older code" for one in older_code.split("; ") if one]
    return older + [f"- other code, accepted: {one}" for one in accepted_code.split("; ") if one]


def _versions(records: Mapping[Path, Record]) -> list[str]:
    products: dict[str, list[str]] = {}
    for product, record in records.items():
        versions = ", ".join(f"{name} {number}" for name, number in record.versions.items())
        products.setdefault(versions, []).append(str(product))
    if len(products) == 1:
        return list(products)
    return [f"- {versions}: {', '.join(names)}" for versions, names in products.items()]
