"""What Snakemake's report begins with: the result itself, as text, a table and the picture of all steps."""

from __future__ import annotations

import base64
import io
import json
import textwrap
from pathlib import Path
from typing import Any

from PIL import Image

_STEPS = {"seed": "seeds", "mask": "masks", "val": "val"}
_WIDTH = 1000  # pixels of the picture
_LINE = 8000  # characters; docutils reads none of more than 10,000


def report_opening(path: str) -> str:
    """Return the opening in reStructuredText for a file `results/{dataset}_val_miou.json`; nothing for any other."""
    file = Path(path)
    dataset = file.name.removesuffix("_val_miou.json")
    if dataset == file.name or not file.is_file():
        return ""
    result = json.loads(file.read_text(encoding="utf-8"))
    lines = [
        f"**{dataset}: mIoU {result['miou']:.2f} on the {result['images']} images of {result['split']}.**",
        *([_classes(result["per_class"])] if any(iou is not None for iou in result["per_class"].values()) else []),
        *_table(result["experiments"]),
        *_picture(file.parent / dataset / "figures/overview.png"),
        f"{_page(file.parent, dataset)}: every image and class, to look through in a browser.",
    ]
    return "\n\n".join(lines)


def _page(results: Path, dataset: str) -> str:
    """Return a link to the page of the result, from a report beside the result, or how to get the page."""
    if (results / dataset / "page/index.html").is_file():
        return f"`results/{dataset}/page/index.html <{dataset}/page/index.html>`_"
    return f"``snakemake --cores 8 results/{dataset}/page``"


def _classes(per_class: dict[str, float | None]) -> str:
    found = sorted((iou, name) for name, iou in per_class.items() if iou is not None)
    (low, worst), (high, best) = found[0], found[-1]
    return f"Best is {best} with an IoU of {high:.1f}, worst {worst} with {low:.1f}."


def _table(experiments: dict[str, dict[str, Any]]) -> list[str]:
    rows = [["experiment", *_STEPS.values()]]
    for label, measured in experiments.items():
        cells = (measured.get(step) for step in _STEPS)
        rows.append([label, *("" if cell is None else _rates(cell) for cell in cells)])
    listed = "\n".join(f"   {'* ' if column == 0 else '  '}- {cell}" for row in rows for column, cell in enumerate(row))
    return [f".. list-table:: mIoU (FPR, FNR), in percent\n   :header-rows: 1\n\n{listed}"]


def _rates(measured: dict[str, float]) -> str:
    return f"{measured['miou']:.2f} ({measured['fpr']:.1f}, {measured['fnr']:.1f})"


def _picture(path: Path) -> list[str]:
    if not path.is_file():
        return []
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    picture.thumbnail((_WIDTH, 10 * _WIDTH))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    text = textwrap.fill(base64.b64encode(file.getvalue()).decode(), _LINE)
    image = f'<img alt="{path.stem}" style="max-width: 100%" src="data:image/jpeg;base64,{text}">'
    return [f".. raw:: html\n\n{textwrap.indent(image, '   ')}"]
