"""Bring a data set into the one form that every later stage reads, and check it.

python stages/prepare_data.py --dataset mini --out data/mini
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.config.resolve import expand_path
from wsss.data.coco import prepare_coco
from wsss.data.inspect import warn_of_foreign_photos
from wsss.data.prepare import prepare_mini, prepare_voc_layout
from wsss.data.prepared import PreparedDataset
from wsss.data.voc import prepare_voc2012
from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.stage import main


def run(parameters: Parameters, *, out: Path, sources: list[str] = (), threads: int) -> None:
    """Write the prepared data set to `out`; see `wsss.data.prepared` for its form.

    `sources` are the folders that the archives of a published data set were unpacked to; `data.root` takes their place.
    """
    data = parameters.data
    with whole_directory(out) as folder:
        if data.layout == "mini":
            prepare_mini(folder, data.random_seed, data.scenes, data.image_size, threads)
        else:
            roots = _roots(parameters, sources)
            if data.layout == "voc":
                prepare_voc_layout(roots[0], folder, data.classes, threads)
            elif data.layout == "voc2012":
                prepare_voc2012(roots, folder, data.counts, threads)
            else:
                prepare_coco(roots, folder, data.annotations, data.photos, data.counts, threads)
        _check_splits(PreparedDataset(folder), parameters)
    if data.layout != "mini":
        warn_of_foreign_photos(PreparedDataset(out), data.splits.evaluate)


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
