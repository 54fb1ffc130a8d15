"""Draw a figure of the paper: photos, feature maps, seeds or predictions of several methods, and the true masks.

python stages/plot_seeds.py --dataset mini --figure figure1 --tables workflow/tables.yaml --data data/mini \
    --columns 0=results/mini/mapping=cam,regularization=none/seeds ... --out results/mini/figures/figure1.png

--columns takes COLUMN=FOLDER for each column of the figure, from 0; `snakemake` gives them all.
"""

from pathlib import Path

import numpy as np

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.figures.pictures import Panel, feature_map, heat_map, image_panels, mask_overlay
from wsss.figures.plots import write_figure
from wsss.figures.shown_images import shown_ids
from wsss.files import VOID, read_mask
from wsss.paper.table_file import read_tables
from wsss.seed.seed_file import read_seed, seed_at_full_size
from wsss.stage import labelled_paths, main


def run(
    parameters: Parameters,
    *,
    figure: str,
    tables: Path,
    data: Path,
    columns: list[str],
    images: int = 6,
    out: Path,
) -> None:
    """Write a row for each of up to `images` images to the PNG file `out`, and as PDF beside it.

    Columns without a folder are left out.
    """
    published = read_tables(tables).figure(figure)
    folders = {int(number): path for number, path in labelled_paths(columns).items()}
    dataset = PreparedDataset(data)
    ids = shown_ids(dataset, dataset.masked(getattr(parameters.data.splits, published.split)), images)
    rows, names, shown = [], [], set()
    for image_id in ids:
        photo, mask = dataset.image(image_id), dataset.mask(image_id)
        present = set(np.unique(mask).tolist()) - {0, VOID}
        shown |= present
        names.append(", ".join(dataset.classes[number - 1] for number in sorted(present)))
        made = [_picture(photo, image_id, published.columns[number].show, path) for number, path in folders.items()]
        rows.append([photo, *made, mask_overlay(photo, mask)])
    titles = ["photo", *(published.columns[number].label for number in folders), "true mask"]
    panel = Panel(f"Figure {figure.removeprefix('figure')}: {published.title}", rows, titles, names)
    write_figure(out, image_panels([panel], {number: dataset.classes[number - 1] for number in sorted(shown)}))


def _picture(photo: np.ndarray, image_id: str, show: str, folder: Path) -> np.ndarray:
    if show == "prediction":
        return mask_overlay(photo, read_mask(folder / f"{image_id}.png"))
    if show == "features":
        return feature_map(np.load(folder / f"{image_id}.npy"), photo.shape[:2])
    return heat_map(photo, seed_at_full_size(read_seed(folder / f"{image_id}.npz")).max(0, initial=0))


if __name__ == "__main__":
    main(run, beside=True)
