"""Bring a data set into the one form that every later stage reads, and check it.

python stages/prepare_data.py --dataset mini --out data/mini
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.config.resolve import expand_path
from wsss.data.prepare import prepare_mini, prepare_voc_layout
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.stage import main


def run(parameters: Parameters, *, out: Path, root: Path | None = None, threads: int) -> None:
    """Write the prepared data set to `out`; see `wsss.data.prepared` for its form."""
    data = parameters.data
    with whole_directory(out) as folder:
        if data.layout == "mini":
            prepare_mini(folder, data.random_seed, data.scenes, data.image_size, threads)
        else:
            key = f"datasets.{parameters.dataset}.data.root"
            prepare_voc_layout(root or expand_path(data.root, key), folder, data.classes, threads)
        _check_splits(PreparedDataset(folder), parameters)


def _check_splits(dataset: PreparedDataset, parameters: Parameters) -> None:
    splits, block = parameters.data.splits, f"datasets.{parameters.dataset}.data.splits"
    for step in ("train", "evaluate", "val", "test"):
        name = getattr(splits, step)
        if name is not None and name not in dataset.split_names:
            raise InputError(
                f"{block}.{step}: the data set has no split {name!r}, only {', '.join(dataset.split_names)}"
            )
        if step in ("evaluate", "val") and not dataset.has_masks(name):
            raise InputError(
                f"{block}.{step}: not every image of {name!r} has a mask; name a split that is masked whole"
            )


if __name__ == "__main__":
    main(run)
