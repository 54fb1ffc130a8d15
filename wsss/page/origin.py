"""How a result was made: what the records beside its products say, and what was made of what."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wsss.page.graph import graph
from wsss.product.record import Record


def record_rows(records: Mapping[Path, Record | None]) -> list[dict[str, Any]]:
    """Return a row for each product, in the order in which they were made; those without a record come last."""
    known = sorted(((path, one) for path, one in records.items() if one is not None), key=lambda pair: pair[1].made)
    rows = [
        {
            "product": str(path),
            "stage": one.stage,
            "made": one.made,
            "seconds": one.seconds,
            "images": one.images,
            "rate": one.images_per_second,
            "memory": one.peak_memory_mb,
            "device": one.device,
            "commit": f"{one.commit or 'none'}{'*' if one.dirty else ''}",
        }
        for path, one in known
    ]
    return rows + [{"product": str(path), "stage": ""} for path, one in sorted(records.items()) if one is None]


def versions(records: Mapping[Path, Record | None]) -> list[str]:
    """Return each set of versions that made something, as text."""
    texts = (
        ", ".join(f"{name} {number}" for name, number in one.versions.items())
        for one in records.values()
        if one is not None and one.versions
    )
    return list(dict.fromkeys(texts))


def made_of(records: Mapping[Path, Record | None]) -> dict[Path, list[Path]]:
    """Return {product: those of the others that it was made of}, by the digests that the records have of both."""
    known = {path: one for path, one in records.items() if one is not None}
    return {
        path: sorted(
            other
            for other, of_other in known.items()
            if other != path and of_other.product is not None and of_other.product in one.inputs.values()
        )
        for path, one in known.items()
    }


def origin(records: Mapping[Path, Record | None]) -> dict[str, Any]:
    """Return all that the page says of how things were made; of what takes part in it, who is behind whom."""
    return {"rows": record_rows(records), "versions": versions(records), "graph": graph(made_of(records))}
