"""Write seeds, masks or labels in the files that other methods read: those of PSA, of IRN, and SegmentationClassAug.

python stages/export.py --step export_seeds --dataset mini --data data/mini --made results/mini/main/seeds \
    --out results/mini/main/export/seeds

--step says what, --made the folder that holds it, and below --out there is then:
    export_seeds    seeds     psa/out_cam/ID.npy, irn/cam/ID.npy
    export_crf      seeds     out_la_crf/ID.npy, out_ha_crf/ID.npy: what the CRFs of `affinity_labels` make of them
    export_masks    masks     SegmentationClassAug/ID.png
    export_labels   nothing   psa/ and irn/ cls_labels.npy, train_aug.txt
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

from wsss.affinity.confident_labels import crf_probabilities
from wsss.config import Parameters
from wsss.config.blocks import AffinityLabels
from wsss.crf import prepare
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, did_you_mean
from wsss.files import read_mask, whole_directory
from wsss.foreign.dictionary import write_dictionary
from wsss.foreign.forms import irn_labels, irn_list, irn_seed, psa_labels, psa_list, psa_probabilities, psa_seed
from wsss.parallel import parallel
from wsss.progress import progress
from wsss.seed.seed_file import read_seed_of, seed_at_full_size
from wsss.stage import main


def run(parameters: Parameters, *, step: str, data: Path, made: Path | None = None, out: Path, threads: int) -> int:
    """Write the files of a step below `out`, of the images of the splits train and evaluate; return how many."""
    dataset, splits = PreparedDataset(data), parameters.data.splits
    ids = dataset.union(*splits.with_masks_made)
    with whole_directory(out) as folder:
        if step == "export_labels":
            _write_labels(dataset, splits.train, folder)
            return len(dataset.split(splits.train))
        if step not in STEPS:
            raise InputError(f"--step: no export {step!r}{did_you_mean(step, [*STEPS, 'export_labels'])}")
        if made is None:
            raise InputError(f"--made is missing: the folder of what {step} writes in another form")
        write = STEPS[step](dataset, made, folder, parameters.affinity_labels)
        for _ in progress(parallel(write, ids, threads), len(ids), step.replace("_", "ing ", 1)):
            pass
    return len(ids)


def _seeds(dataset: PreparedDataset, seeds: Path, out: Path, _: AffinityLabels) -> Callable[[str], None]:
    _make(out / "psa/out_cam", out / "irn/cam")
    return partial(_write_seed, dataset, seeds, out)


def _write_seed(dataset: PreparedDataset, seeds: Path, out: Path, image_id: str) -> None:
    seed = read_seed_of(dataset, seeds, image_id)
    maps = seed_at_full_size(seed)
    write_dictionary(out / f"psa/out_cam/{image_id}.npy", psa_seed(seed.classes, maps))
    write_dictionary(out / f"irn/cam/{image_id}.npy", irn_seed(seed.classes, maps, seed.maps))


def _crf(dataset: PreparedDataset, seeds: Path, out: Path, settings: AffinityLabels) -> Callable[[str], None]:
    if settings.labels != "agreement":
        raise InputError(
            f"affinity_labels.labels is {settings.labels!r}, which has one CRF; out_la_crf and out_ha_crf are the two "
            "of agreement, e.g. of recipe=psa"
        )
    _make(out / "out_la_crf", out / "out_ha_crf")
    prepare()  # once, before each process would
    return partial(_write_crf, dataset, seeds, out, settings)


def _write_crf(dataset: PreparedDataset, seeds: Path, out: Path, settings: AffinityLabels, image_id: str) -> None:
    seed = read_seed_of(dataset, seeds, image_id)
    low, high = crf_probabilities(dataset.image(image_id), seed_at_full_size(seed), settings)
    write_dictionary(out / f"out_la_crf/{image_id}.npy", psa_probabilities(seed.classes, low))
    write_dictionary(out / f"out_ha_crf/{image_id}.npy", psa_probabilities(seed.classes, high))


def _masks(dataset: PreparedDataset, masks: Path, out: Path, _: AffinityLabels) -> Callable[[str], None]:
    _make(out / "SegmentationClassAug")
    return partial(_write_mask, masks, out)


def _write_mask(masks: Path, out: Path, image_id: str) -> None:
    """Write a mask as a grey picture of class numbers, the form of SegmentationClassAug."""
    Image.fromarray(read_mask(masks / f"{image_id}.png")).save(out / f"SegmentationClassAug/{image_id}.png")


STEPS = {"export_seeds": _seeds, "export_crf": _crf, "export_masks": _masks}


def _write_labels(dataset: PreparedDataset, split: str, out: Path) -> None:
    """Write the labels of all images that have some, and the list of the split to train on."""
    _make(out / "psa", out / "irn")
    ids = [name for name in dataset.union(*dataset.split_names) if dataset.knows_labels(name)]
    labels = dict(zip(ids, dataset.labels(ids), strict=True))
    photos = {name: dataset.image_path(name).name for name in dataset.split(split)}
    write_dictionary(out / "psa/cls_labels.npy", psa_labels(labels))
    (out / "psa/train_aug.txt").write_text(psa_list(photos), encoding="utf-8")
    (out / "irn/train_aug.txt").write_text(irn_list(photos), encoding="utf-8")
    numbered = irn_labels(labels)
    if numbered is None:
        print(f"irn/cls_labels.npy is left out: ids such as {ids[0]} are no numbers, as IRN has them")
    else:
        write_dictionary(out / "irn/cls_labels.npy", numbered)


def _make(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(parents=True)


if __name__ == "__main__":
    main(run)
