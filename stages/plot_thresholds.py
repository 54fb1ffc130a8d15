"""Draw mIoU, FPR and FNR of seeds over the threshold.

python stages/plot_thresholds.py --dataset mini --metrics main=results/mini/main/seed_metrics.json \
    --out results/mini/figures/thresholds.png

--metrics takes several LABEL=FILE: a line each.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json
from wsss.plots import threshold_curves, write_figure
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, metrics: list[str], out: Path) -> None:
    """Write the figure to the PNG file `out`."""
    write_figure(out, threshold_curves({label: read_json(path) for label, path in labelled_paths(metrics).items()}))


if __name__ == "__main__":
    main(run, record=False)
