"""Turn seeds into masks by a random walk along the affinities, or read another method's: one palette PNG per image.

python stages/make_mask.py --dataset mini --data data/mini --seeds results/mini/main/seeds \
    --network results/mini/main/affinity_network --out results/mini/main/masks

--seed-metrics results/mini/main/seed_metrics.json is needed where `mask.background` is `best`: its threshold is taken.
With --part 2-of-7, masks of that part of the images; --parts gathers what was made of all.
Where `mask.from` names a folder, as in --variant mask.from=NAME, that is read, and none of these is needed.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch

from wsss.affinity.auto_background import auto_score
from wsss.affinity.masks import walk_to_mask
from wsss.affinity.pairs import affinity
from wsss.config import Parameters
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_precision
from wsss.errors import InputError
from wsss.files import read_json, whole_directory, write_mask
from wsss.foreign.folder import DICTIONARY, PICTURE, ForeignFolder, open_folder, write_each
from wsss.models.affinity_network import create_affinity_network
from wsss.models.trained import open_trained
from wsss.parallel import loading_workers, parallel
from wsss.parts import Part, part_named
from wsss.product.own_measurements import say_measured
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of
from wsss.stage import main


def run(
    parameters: Parameters,
    *,
    data: Path,
    seeds: Path | None = None,
    network: Path | None = None,
    seed_metrics: Path | None = None,
    out: Path,
    part: str | None = None,
    threads: int,
) -> int:
    """Write `{id}.png` for every image of the splits train and evaluate to `out`; return how many."""
    dataset = PreparedDataset(data)
    ids = dataset.union(*parameters.data.splits.with_masks_made)
    if parameters.mask.source is not None:
        return _read(parameters, dataset, ids, out, part_named(part), threads)
    if seeds is not None and network is not None:
        return _make(parameters, dataset, ids, seeds, network, seed_metrics, out, part_named(part), threads)
    raise InputError(
        "give what extract_seed.py and train_affinity.py have written, --seeds and --network, or mask.from in "
        "params.yaml"
    )


def _read(parameters: Parameters, dataset: PreparedDataset, ids: list[str], out: Path, part: Part, threads: int) -> int:
    path, numbering = parameters.foreign_path(parameters.mask.source)
    foreign = open_folder(dataset, path, ids, (PICTURE, DICTIONARY), numbering, threads)
    what = f"reading masks of {parameters.mask.source}"
    return write_each(partial(_read_one, foreign), part.of(ids), out, threads, what)


def _read_one(foreign: ForeignFolder, folder: Path, image_id: str) -> None:
    write_mask(folder / f"{image_id}.png", foreign.mask(image_id))


def _make(
    parameters: Parameters,
    dataset: PreparedDataset,
    ids: list[str],
    seeds: Path,
    network: Path,
    seed_metrics: Path | None,
    out: Path,
    part: Part,
    threads: int,
) -> int:
    settings = parameters.affinity
    background = _height(parameters, dataset, seeds, seed_metrics, threads)
    print(f"background: {parameters.mask.background}, {background:.4g}")
    say_measured("background", f"{parameters.mask.background}, {background:.4g}")
    affinity_network = create_affinity_network(settings)
    device, backbone = open_trained(affinity_network, network), affinity_network.backbone
    workers = loading_workers(threads)
    names, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, workers, part)
    images = sum(map(len, names))

    def affinities() -> Iterator[tuple[str, tuple[int, int], np.ndarray]]:
        for batch_ids, batch in batches:
            with torch.inference_mode():
                features = affinity_network(batch.to(device)).float()
            for image_id, of_image in zip(batch_ids, features, strict=True):
                pairs = affinity(of_image[None], settings.radius)[0].cpu().numpy()
                yield image_id, tuple(of_image.shape[-2:]), pairs

    with whole_directory(out) as folder, inference_precision(device, affinity_network):
        walk = partial(_walk, dataset, seeds, folder, parameters, background)
        # a process per core walks faster than a core more per walk
        for _ in progress(parallel(walk, affinities(), threads), images, "random walk"):
            pass
    return images


def _height(
    parameters: Parameters, dataset: PreparedDataset, seeds: Path, seed_metrics: Path | None, threads: int
) -> float:
    """Return the number that the background takes: of the parameters, of the seeds' metrics, or of all seeds."""
    mask = parameters.mask
    if mask.background == "best":
        if seed_metrics is None:
            raise InputError("--seed-metrics is missing: mask.background=best is the threshold that they call best")
        return float(read_json(seed_metrics)["threshold"])
    if mask.background == "auto":
        return auto_score(dataset, parameters.data.splits.train, seeds, mask.foreground_share, threads)
    return {"power": mask.background_alpha, "constant": mask.background_score, "irn": mask.irn_score}[mask.background]


def _walk(
    dataset: PreparedDataset,
    seeds: Path,
    folder: Path,
    parameters: Parameters,
    background: float,
    image: tuple[str, tuple[int, int], np.ndarray],
) -> None:
    image_id, size, pairs = image
    seed, settings = read_seed_of(dataset, seeds, image_id), parameters.affinity
    affinities = torch.from_numpy(pairs)
    winner = walk_to_mask(seed, affinities, size, settings.stride, settings.radius, parameters.mask, background)
    write_mask(folder / f"{image_id}.png", np.append(0, seed.classes)[winner])


if __name__ == "__main__":
    main(run)
