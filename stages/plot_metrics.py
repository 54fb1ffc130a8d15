"""Draw metrics files: curves over the threshold, IoU of each class, or confusion matrices.

python stages/plot_metrics.py --figure thresholds --metrics main=results/mini/main/seed_metrics.json \
    --out results/mini/figures/thresholds.png

--figure is `thresholds` (of seeds), `classes` (of anything) or `confusion` (of masks and predictions); --metrics takes
several LABEL=FILE: a line, a bar or a matrix each.
"""

from pathlib import Path

from matplotlib.figure import Figure

from wsss.errors import InputError, did_you_mean
from wsss.figures.plots import confusion_picture, summary_bars, threshold_curves, write_figure
from wsss.files import read_json
from wsss.stage import labelled_paths, main


def _confusion(metrics: dict[str, dict]) -> Figure:
    class_names = list(next(iter(metrics.values()))["per_class"])
    confusions = {f"{label}: mIoU {of['miou']:.1f} %": of["confusion"] for label, of in metrics.items()}
    return confusion_picture(confusions, class_names)


FIGURES = {"thresholds": threshold_curves, "classes": summary_bars, "confusion": _confusion}


def run(*, figure: str, metrics: list[str], out: Path) -> None:
    """Write the figure to the PNG file `out`, and as PDF beside it."""
    if figure not in FIGURES:
        raise InputError(f"--figure: no figure {figure!r}{did_you_mean(figure, FIGURES)}")
    write_figure(out, FIGURES[figure]({label: read_json(path) for label, path in labelled_paths(metrics).items()}))


if __name__ == "__main__":
    main(run, beside=True)
