"""From photos to a val mIoU by the settings of params.yaml for VOC and COCO, both kinds of network, both heads.

Every block is params.yaml's: recipes, crops, batches, optimisers, schedules, epochs, scales, CRFs, heads. Only the
networks are tiny (`settings.TINY`) and the photos few and small. What the few photos shorten, so that all of this takes
minutes: with 32 photos (VOC, transformer) an epoch is one batch for the seed network, of those 32 instead of 64, 4 for
AffinityNet and 8 for DeepLab-v1; with 16 (the three others) it is one batch of those 16 for the seed network, 2 for
AffinityNet, 4 for DeepLab-v1 and one of 10 for DeepLab-v2. (`tiny_transformer` would take seven times as long as
`test_vit`.)

Each way is a file of its own, as pytest-xdist gives a file to a worker (`--dist loadfile`): together in one they would
keep a single worker busy for as long as all other tests take the others.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from full_settings.photos import write_coco2014, write_voc2012
from full_settings.settings import check_curve, resolved, tiny_params, tiny_variant
from project import Project

from wsss.config import read_params
from wsss.config.stage_variant import canonical_variant
from wsss.config.variant import split_variant
from wsss.data.prepared import PreparedDataset
from wsss.files import VOID, read_mask

VAL = 48
WRITERS = {
    "voc": lambda root, train: write_voc2012(root, train // 2, train // 2, VAL, test=8),
    "coco": lambda root, train: write_coco2014(root, train, VAL),
}


def deeplab_v2(dataset: str) -> str:
    """Return the variant by which params.yaml trains DeepLab-v2 on this data set."""
    params = read_params("params.yaml")
    tables = params["tables"] | (params["datasets"][dataset].get("tables") or {})
    return tables["segmentation"]["resnet101"]


def check_whole_way(tmp_path: Path, dataset: str, kind: str, photos: int, heads: list[str]) -> None:
    """Go the whole way from `photos` training photos, and check what lies on it."""
    counts = WRITERS[dataset](tmp_path / "photos", photos)
    params = tiny_params(dataset, {"root": str(tmp_path / "photos"), "counts": counts})
    project = Project(tmp_path / "project", params)
    networks = {"transformer": "main", "cnn": "backbone=resnet38"}
    overrides = {"large_fov": networks[kind], "aspp": f"{networks[kind]},{deeplab_v2(dataset)}"}
    variants = {head: overrides[head] for head in heads}
    parameters = {head: resolved(params, dataset, variant) for head, variant in variants.items()}
    tiny = {head: split_variant(tiny_variant(variant)) for head, variant in variants.items()}
    results = {head: f"results/{dataset}/{canonical_variant(tiny[head], params, dataset)}" for head in heads}
    targets = [f"{folder}/val_metrics.json" for folder in results.values()]
    network = tiny_variant(networks[kind])
    targets += [f"results/{dataset}/{network}/{name}_metrics.json" for name in ("seed", "mask")]
    done = project.run("snakemake", "--cores", "1", *targets, timeout=3600)
    assert done.returncode == 0, done.stdout

    data = PreparedDataset(project.root / f"data/{dataset}")
    splits = parameters[heads[0]].data.splits
    assert len(data.split(splits.train)) == photos and len(data.split(splits.evaluate)) == counts["train"]
    first = project.root / f"results/{dataset}/{network}"
    for name in ("seed", "mask"):
        check_metrics(json.loads((first / f"{name}_metrics.json").read_text()), data, data.split(splits.evaluate))
    check_curve(first / "seed_network", parameters[heads[0]].seed, photos)
    check_curve(first / "affinity_network", parameters[heads[0]].affinity, photos)
    for head, folder in results.items():
        assert parameters[head].segmentation.head == head
        check_curve(project.root / folder / "segmentation_network", parameters[head].segmentation, photos)
        check_metrics(json.loads((project.root / folder / "val_metrics.json").read_text()), data, data.split("val"))
        check_masks(data, data.split("val"), project.root / folder / "predictions/val")
    check_masks(data, data.split(splits.train), first / "masks")


def check_metrics(metrics: dict, data: PreparedDataset, ids: list[str]) -> None:
    """Check metrics: of these images, finite, measured for every class that their true masks show."""
    assert metrics["images"] == len(ids) and 0 <= metrics["miou"] <= 100
    shown = {int(number) for image_id in ids for number in np.unique(read_mask(data.mask_path(image_id)))} - {VOID}
    assert list(metrics["per_class"]) == ["background", *data.classes]
    rates = list(metrics["per_class"].values())
    assert len(shown) >= 6 and all(0 <= rates[number]["iou"] <= 100 for number in shown)
    json.dumps(metrics, allow_nan=False)


def check_masks(data: PreparedDataset, ids: list[str], folder: Path) -> None:
    """Check masks: one for every image, of its size, with numbers of the data set's classes."""
    assert sorted(path.stem for path in folder.glob("*.png")) == sorted(ids)
    for image_id in ids:
        mask = read_mask(folder / f"{image_id}.png")
        assert mask.shape == tuple(data.image_size(image_id))
        assert set(np.unique(mask)) <= {*range(len(data.classes) + 1)}
