"""Trainings on the edge: one image, one class, no object, one position, masks that say nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from small import params, write_dataset

from wsss.affinity.task import AffinityTask
from wsss.config.resolve import resolve
from wsss.data.augment import TrainTransform
from wsss.data.prepared import PreparedDataset
from wsss.data.training_images import TrainingImages
from wsss.errors import InputError
from wsss.files import VOID, write_mask
from wsss.models.affinity_network import create_affinity_network
from wsss.models.segmentation_network import create_segmentation_network
from wsss.seed.create_network import create_seed_network
from wsss.seed.task import SeedTask
from wsss.segmentation.task import SegmentationTask
from wsss.training.loop import fit

KINDS = [
    *(("tiny_cnn", mapping) for mapping in ("cam", "mil", "cm")),
    *(("tiny_transformer", mapping) for mapping in ("cam", "mil", "cm", "mct", "mct_v2")),
]


def without_objects(dataset: PreparedDataset) -> PreparedDataset:
    path = dataset.root / "labels.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *(row.split(",")[0] + ",0" * header.count(",") for row in rows)]))
    return PreparedDataset(dataset.root)


def train(dataset, tmp_path, block, variant, masks=None):
    parameters = resolve(params(), "toy", variant)
    settings, classes = getattr(parameters, block), len(dataset.classes)
    torch.manual_seed(0)
    if block == "seed":
        task = SeedTask(create_seed_network(settings, classes), settings)
    elif block == "affinity":
        task = AffinityTask(create_affinity_network(settings, None), settings)
    else:
        task = SegmentationTask(create_segmentation_network(settings, classes, None), settings.loss_scales or ())
    backbone = task.network.backbone
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std, mask_padding=VOID)
    images = TrainingImages(dataset, dataset.split("train"), transform, 0, masks=masks)
    rows, _ = fit(task, images, settings, tmp_path / "checkpoint", {}, 0)
    (tmp_path / "checkpoint").unlink(missing_ok=True)
    assert all(math.isfinite(value) for row in rows for value in row.values())
    assert all(value.isfinite().all() for value in task.network.state_dict().values())
    return rows


def seed(backbone, mapping, batch_size, crop_size):
    regularization = "aa" if mapping in ("mil", "cm") else "none"
    given = {"backbone": backbone, "mapping": mapping, "regularization": regularization, "batch_size": batch_size}
    return {f"seed.{key}": value for key, value in {**given, "augmentation.crop_size": crop_size}.items()}


@pytest.mark.parametrize(("backbone", "mapping"), KINDS)
@pytest.mark.parametrize(("images", "classes", "objects"), [(1, 3, True), (4, 1, True), (4, 3, False), (1, 1, False)])
def test_seed_networks_train_on_hardly_anything(tmp_path, backbone, mapping, images, classes, objects):
    dataset = write_dataset(tmp_path / "data", images=images, classes=classes)
    dataset = dataset if objects else without_objects(dataset)
    for batch_size, crop_size in ((1, 16), (8, 32)):  # the latter more than there are images
        train(dataset, tmp_path, "seed", seed(backbone, mapping, batch_size, crop_size))


@pytest.mark.parametrize("mapping", ["cam", "cm", "mct"])
def test_one_image_of_one_position_is_refused_where_batch_norm_trains(tmp_path, mapping):
    dataset = write_dataset(tmp_path / "data")
    with pytest.raises(InputError, match=r"batch_size 1, augmentation.crop_size 8: batch norm .* freeze: batch_norm"):
        train(dataset, tmp_path, "seed", seed("tiny_transformer", mapping, 1, 8))
    train(dataset, tmp_path, "seed", seed("tiny_transformer", mapping, 2, 8))
    train(dataset, tmp_path, "seed", seed("tiny_transformer", mapping, 1, 8) | {"seed.freeze": "batch_norm"})


@pytest.mark.parametrize("head", ["small", "large_fov", "aspp"])
@pytest.mark.parametrize("number", [0, 1])
def test_segmentation_networks_train_on_masks_of_one_number(tmp_path, head, number):
    dataset = write_dataset(tmp_path / "data", images=2, classes=1)
    masks = filled(tmp_path / "masks", dataset, number)
    for batch_size in (1, 8):
        given = {"segmentation.head": head, "segmentation.batch_size": batch_size}
        assert train(dataset, tmp_path, "segmentation", given, masks)[0]["loss"] > 0


@pytest.mark.parametrize("block", ["segmentation", "affinity"])
def test_masks_that_say_nothing_are_refused_rather_than_learned(tmp_path, block):
    dataset = write_dataset(tmp_path / "data", images=4)
    with pytest.raises(InputError, match="the loss is 0 in all of .* look at the masks"):
        train(dataset, tmp_path, block, "main", filled(tmp_path / "masks", dataset, VOID))


@pytest.mark.parametrize("number", [0, 2])
def test_affinitynet_trains_where_all_pairs_attract(tmp_path, number):
    dataset = write_dataset(tmp_path / "data", images=2)
    assert train(dataset, tmp_path, "affinity", "main", filled(tmp_path / "masks", dataset, number))[0]["loss"] > 0


def filled(folder, dataset, number):
    folder.mkdir()
    for name in dataset.split("train"):
        write_mask(folder / f"{name}.png", np.full(dataset.image_size(name), number))
    return folder
