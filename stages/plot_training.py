"""Draw the training curves: the loss and its terms per epoch, and the schedule's t.

python stages/plot_training.py --networks "seed network=results/mini/main/seed_network" \
    --out results/mini/figures/training.png

--networks takes several LABEL=FOLDER, each with a curve.csv: a panel each.
"""

from pathlib import Path

from wsss.figures.plots import training_curves, write_figure
from wsss.stage import labelled_paths, main
from wsss.training.curve_file import read_curve


def run(*, networks: list[str], out: Path) -> None:
    """Write the figure to the PNG file `out`, and as PDF beside it."""
    write_figure(out, training_curves({label: read_curve(path) for label, path in labelled_paths(networks).items()}))


if __name__ == "__main__":
    main(run, beside=True)
