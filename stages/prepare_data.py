"""Bring a data set into the one form that every later stage reads, and check it.

python stages/prepare_data.py --dataset mini --out data/mini
"""

import sys
from pathlib import Path

from wsss.config import Parameters
from wsss.config.choices import LAYOUTS
from wsss.config.paths import expand_path
from wsss.data.inspect import warn_of_foreign_photos
from wsss.data.label_agreement import check_labels_against_masks
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.stage import main


def run(parameters: Parameters, *, out: Path, sources: list[str] | None = None, threads: int) -> int:
    """Write the prepared data set to `out`; see `wsss.data.prepared` for its form. Return how many images it holds.

    `sources` are the folders that the archives of a published data set were unpacked to; `data.root` takes their place.
    """
    data, layout = parameters.data, LAYOUTS[parameters.data.layout]
    with whole_directory(out) as folder:
        roots = _roots(parameters, sources or []) if layout.from_folders else []
        layout.load()(data, roots, folder, threads)
        _check_splits(PreparedDataset(folder), parameters)
        if layout.from_folders:
            for split in dict.fromkeys(name for name in (data.splits.evaluate, data.splits.val) if name is not None):
                check_labels_against_masks(PreparedDataset(folder), split, threads)
    dataset = PreparedDataset(out)
    if layout.from_folders:
        warn_of_foreign_photos(dataset, data.splits.shown)
    return len(dataset.union(*dataset.split_names))


def _roots(parameters: Parameters, sources: list[str]) -> list[Path]:
    data, key = parameters.data, f"datasets.{parameters.dataset}.data.root"
    if data.root is not None:
        return [expand_path(data.root, key)]
    if not sources:
        raise InputError(
            f"{key} is null: set it to a folder with the data, or have it fetched: "
            f"snakemake --cores 8 data/{parameters.dataset}"
        )
    return [Path(path) for path in sources]


def _check_splits(dataset: PreparedDataset, parameters: Parameters) -> None:
    data, block = parameters.data, f"datasets.{parameters.dataset}.data.splits"
    for step in ("train", "evaluate", "val", "test"):
        name = getattr(data.splits, step)
        if name is None:
            continue
        if name not in dataset.split_names:
            raise InputError(
                f"{block}.{step}: the data set has no split {name!r}, only {', '.join(dataset.split_names)}"
            )
        if step in ("train", "evaluate") and not dataset.has_labels(name):
            raise InputError(f"{block}.{step}: not every image of {name!r} has labels; name a split that is labelled")
        if step in ("evaluate", "val") and data.measures(step):
            _check_masks(dataset, name, f"{block}.{step}")


def _check_masks(dataset: PreparedDataset, split: str, key: str) -> None:
    masked, count = len(dataset.masked(split)), len(dataset.split(split))
    if not masked:
        raise InputError(f"{key}: no image of {split!r} has a mask to measure on; name a split that has some, or null")
    if masked < count:
        print(f"warning: {key}: {count - masked} of the {count} images of {split!r} have no mask", file=sys.stderr)


if __name__ == "__main__":
    main(run)
