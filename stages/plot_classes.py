"""Draw the IoU of each class in the seeds, in the masks and on val.

python stages/plot_classes.py --dataset mini --metrics seeds=results/mini/main/seed_metrics.json \
    masks=results/mini/main/mask_metrics.json val=results/mini/main/val_metrics.json \
    --out results/mini/figures/classes.png

--metrics takes several LABEL=FILE: a bar each.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json
from wsss.plots import summary_bars, write_figure
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, metrics: list[str], out: Path) -> None:
    """Write the figure to the PNG file `out`."""
    write_figure(out, summary_bars({label: read_json(path) for label, path in labelled_paths(metrics).items()}))


if __name__ == "__main__":
    main(run, record=False)
