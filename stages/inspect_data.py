"""Show what is in a prepared data set: classes, labels, sizes, sample photos under their masks, and what is odd.

python stages/inspect_data.py --dataset mini --data data/mini --out results/mini/data.html
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.inspect import inspect_split, median_edge_contrast
from wsss.data.prepared import PreparedDataset
from wsss.figures.data_page import data_page
from wsss.files import whole_file
from wsss.stage import main

SAMPLES = 32


def run(parameters: Parameters, *, data: Path, out: Path, threads: int) -> None:
    """Write the page `out`, of the splits that the pipeline uses."""
    dataset, splits = PreparedDataset(data), parameters.data.splits
    used = dict.fromkeys(filter(None, (splits.train, splits.evaluate, splits.val, splits.test)))
    reports = {split: inspect_split(dataset, split, threads) for split in used}
    contrast = median_edge_contrast(dataset, splits.shown)
    page = data_page(dataset, parameters.dataset, reports, splits.shown, contrast, SAMPLES)
    with whole_file(out) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(run)
