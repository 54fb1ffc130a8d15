"""Draw which classes are taken for which others, in the masks and on val.

python stages/plot_confusion.py --dataset mini --metrics masks=results/mini/main/mask_metrics.json \
    val=results/mini/main/val_metrics.json --out results/mini/figures/val_confusion.png

--metrics takes several LABEL=FILE: a matrix each.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json
from wsss.plots import confusion_picture, write_figure
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, metrics: list[str], out: Path) -> None:
    """Write the figure to the PNG file `out`."""
    read = {label: read_json(path) for label, path in labelled_paths(metrics).items()}
    class_names = list(next(iter(read.values()))["per_class"])
    confusions = {f"{label}: mIoU {of['miou']:.1f} %": of["confusion"] for label, of in read.items()}
    write_figure(out, confusion_picture(confusions, class_names))


if __name__ == "__main__":
    main(run, record=False)
