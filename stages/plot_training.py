"""Draw the training curves: the loss and its terms per epoch, and the schedule's t.

python stages/plot_training.py --networks "seed network=results/mini/main/seed_network" \
    --out results/mini/figures/training.png

--networks takes several LABEL=FOLDER, each with a curve.csv: a panel each.
"""

from pathlib import Path

import pandas as pd

from wsss.errors import InputError, one_line
from wsss.figures.plots import training_curves, write_figure
from wsss.stage import labelled_paths, main


def run(*, networks: list[str], out: Path) -> None:
    """Write the figure to the PNG file `out`."""
    write_figure(out, training_curves({label: _curve(path) for label, path in labelled_paths(networks).items()}))


def _curve(folder: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(folder / "curve.csv")
    except (FileNotFoundError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{folder / 'curve.csv'}: no training curve ({one_line(error)}); train {folder} again"
        ) from None


if __name__ == "__main__":
    main(run)
