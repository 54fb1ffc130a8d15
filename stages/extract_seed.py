"""Extract seeds of the training images from the trained seed network, or read another method's: one .npz per image.

python stages/extract_seed.py --dataset mini --data data/mini --network results/mini/main/seed_network \
    --out results/mini/main/seeds

With --part 2-of-7, seeds of that part of the images; --parts gathers what was made of all.
Where `extract.from` names a folder, as in --variant extract.from=NAME, that is read, and there is no --network.
"""

from functools import partial
from pathlib import Path

import torch

from wsss.config import Parameters
from wsss.config.choices import MAPPINGS
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_precision
from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.foreign.folder import DICTIONARY, PICTURE, ForeignFolder, open_folder, write_each
from wsss.models.trained import open_trained
from wsss.parallel import loading_workers
from wsss.parts import Part, part_named
from wsss.progress import progress
from wsss.seed.create_network import create_seed_network
from wsss.seed.extraction import extract_seeds
from wsss.seed.seed_file import seed_of, write_seed
from wsss.stage import main


def run(
    parameters: Parameters, *, data: Path, network: Path | None = None, out: Path, part: str | None = None, threads: int
) -> int:
    """Write `{id}.npz` for every image of the splits train and evaluate to `out`; return how many."""
    dataset = PreparedDataset(data)
    ids = dataset.union(*parameters.data.splits.with_masks_made)
    if parameters.extract.source is not None:
        return _read(parameters, dataset, ids, out, part_named(part), threads)
    if network is not None:
        return _extract(parameters, dataset, ids, network, out, part_named(part), threads)
    raise InputError("give the folder that train_seed.py has written, --network, or extract.from in params.yaml")


def _read(parameters: Parameters, dataset: PreparedDataset, ids: list[str], out: Path, part: Part, threads: int) -> int:
    path, numbering = parameters.foreign_path(parameters.extract.source)
    foreign = open_folder(dataset, path, ids, (DICTIONARY, PICTURE), numbering, threads)
    what = f"reading seeds of {parameters.extract.source}"
    return write_each(partial(_read_one, foreign), part.of(ids), out, threads, what)


def _read_one(foreign: ForeignFolder, folder: Path, image_id: str) -> None:
    classes, maps = foreign.seed(image_id)
    write_seed(folder / f"{image_id}.npz", classes, maps, foreign.dataset.image_size(image_id))


def _extract(
    parameters: Parameters, dataset: PreparedDataset, ids: list[str], network: Path, out: Path, part: Part, threads: int
) -> int:
    seed_network = create_seed_network(parameters.seed, len(dataset.classes))
    device, backbone = open_trained(seed_network, network), seed_network.backbone
    mapping = MAPPINGS[parameters.seed.mapping].load()(parameters.seed)
    workers = loading_workers(threads)
    names, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, workers, part)
    with whole_directory(out) as folder, inference_precision(device, seed_network):
        for batch_ids, images in progress(batches, len(names), "extracting seeds"):
            height, width = images.shape[-2:]
            labels = torch.as_tensor(dataset.labels(batch_ids))
            seeds = extract_seeds(seed_network, mapping, images.to(device), labels.to(device), parameters.extract).cpu()
            for image_id, label, maps in zip(batch_ids, labels, seeds, strict=True):
                seed = seed_of(label, maps, (height, width))
                write_seed(folder / f"{image_id}.npz", seed.classes, seed.maps, seed.image_size)
    return sum(map(len, names))


if __name__ == "__main__":
    main(run)
