"""Draw what every step makes of some images: seeds and masks of training images, predictions on val, if there is one.

python stages/plot_overview.py --dataset mini --data data/mini --seeds main=results/mini/main/seeds \
    --seed-metrics results/mini/main/seed_metrics.json --labels results/mini/main/affinity_labels \
    --masks results/mini/main/masks --predictions main=results/mini/main/predictions/val \
    --out results/mini/figures/overview.png

--seeds and --predictions take several LABEL=FOLDER: a column each. --seed-metrics are those of the last seeds, whose
masks at the best threshold are shown: what there is before the random walk. True masks are shown where there are some.
With --ids, of these images, with + between them, and of no others.
Masks of another method (`mask.from`) have no --labels, and may have no --seeds.
"""

from pathlib import Path

import numpy as np

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, did_you_mean
from wsss.figures.pictures import Panel, heat_map, image_panels, mask_overlay
from wsss.figures.plots import write_figure
from wsss.figures.shown_images import shown_ids
from wsss.files import VOID, read_json, read_mask
from wsss.seed.seed_file import read_seed, seed_at_full_size, seed_at_threshold
from wsss.stage import labelled_paths, main


def run(
    parameters: Parameters,
    *,
    data: Path,
    seeds: list[str] | None = None,
    seed_metrics: Path | None = None,
    labels: Path | None = None,
    masks: Path,
    predictions: list[str],
    images: int = 6,
    ids: str = "",
    out: Path,
) -> None:
    """Write a picture of two panels, of up to `images` images each or of `ids`, to the PNG `out`; as PDF beside it."""
    dataset, splits = PreparedDataset(data), parameters.data.splits
    predicted_split = getattr(splits, splits.predicted)
    if ids:
        training_ids, predicted_ids = _chosen(dataset, ids.split("+"), splits.shown, predicted_split)
    else:
        training_ids, predicted_ids = (
            shown_ids(dataset, dataset.masked(split) or dataset.split(split), images)
            for split in (splits.shown, predicted_split)
        )
    seed_folders = labelled_paths(seeds or [])
    threshold = read_json(seed_metrics)["threshold"] if seed_metrics else None
    alone = ["mask\n(seed alone)"] if seed_metrics else []
    made = {"confident labels": labels, "mask\n(random walk)": masks} if labels else {"mask": masks}
    predicted = {f"prediction:\n{label}": folder for label, folder in labelled_paths(predictions).items()}
    panels = [
        Panel(
            "(a) training images: from seed to mask",
            [_training_row(dataset, image_id, seed_folders, threshold, made) for image_id in training_ids],
            ["photo", *(f"seed:\n{label}" for label in seed_folders), *alone, *made, *_true(dataset, training_ids)],
            [_names(dataset, image_id) for image_id in training_ids],
        ),
        Panel(
            f"(b) {predicted_split}: predictions",
            [_row(dataset, image_id, predicted) for image_id in predicted_ids],
            ["photo", *predicted, *_true(dataset, predicted_ids)],
        ),
    ]
    shown = _classes(dataset, training_ids, made) | _classes(dataset, predicted_ids, predicted)
    panels = [panel for panel in panels if panel.rows]
    write_figure(out, image_panels(panels, {number: dataset.classes[number - 1] for number in sorted(shown)}))


def _chosen(dataset: PreparedDataset, ids: list[str], made: str, predicted: str) -> tuple[list[str], list[str]]:
    """Return those of ids of which masks are made, and those that are predicted, in their order."""
    of_made, of_predicted = dataset.split(made), dataset.split(predicted)
    for image_id in ids:
        if image_id not in (known := {*of_made, *of_predicted}):
            raise InputError(f"{image_id}: not in {made} or {predicted}{did_you_mean(image_id, known)}")
    return [one for one in ids if one in of_made], [one for one in ids if one in of_predicted]


def _true(dataset: PreparedDataset, ids: list[str]) -> list[str]:
    """Return the title of the column of true masks, none where an image shown has none."""
    return ["true mask"] if ids and all(map(dataset.has_mask, ids)) else []


def _classes(dataset: PreparedDataset, ids: list[str], folders: dict[str, Path]) -> set[int]:
    numbers = set()
    for image_id in ids:
        for mask in _masks(dataset, image_id, folders):
            numbers.update(np.unique(mask).tolist())
    return numbers - {0, VOID}


def _names(dataset: PreparedDataset, image_id: str) -> str:
    return ", ".join(np.array(dataset.classes)[dataset.labels([image_id])[0] > 0])


def _training_row(
    dataset: PreparedDataset,
    image_id: str,
    seed_folders: dict[str, Path],
    threshold: float | None,
    folders: dict[str, Path],
) -> list[np.ndarray]:
    photo, *others = _row(dataset, image_id, folders)
    seeds = [read_seed(folder / f"{image_id}.npz") for folder in seed_folders.values()]
    heat_maps = [heat_map(photo, seed_at_full_size(seed).max(0, initial=0)) for seed in seeds]
    if threshold is None:
        return [photo, *heat_maps, *others]
    return [photo, *heat_maps, mask_overlay(photo, seed_at_threshold(seeds[-1], threshold)), *others]


def _row(dataset: PreparedDataset, image_id: str, folders: dict[str, Path]) -> list[np.ndarray]:
    photo = dataset.image(image_id)
    return [photo, *(mask_overlay(photo, mask) for mask in _masks(dataset, image_id, folders))]


def _masks(dataset: PreparedDataset, image_id: str, folders: dict[str, Path]) -> list[np.ndarray]:
    """Return the masks of an image in these folders, and the true one, if there is one."""
    true = [dataset.mask(image_id)] if dataset.has_mask(image_id) else []
    return [*(read_mask(folder / f"{image_id}.png") for folder in folders.values()), *true]


if __name__ == "__main__":
    main(run, beside=True)
