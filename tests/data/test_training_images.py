"""The images of a training, each augmented from (seed, epoch, index) alone, and the order they come in."""

from __future__ import annotations

import pytest
import torch
from small import write_dataset
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from torch.utils.data import DataLoader

from wsss.config.blocks import Augmentation
from wsss.data.augment import TrainTransform
from wsss.data.training_images import EpochSampler, TrainingImages


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("data") / "set", images=7)


def transform(color: str) -> TrainTransform:
    settings = Augmentation(resize="area", range=[0.3, 1.0], crop_size=24, color=color)
    return TrainTransform(settings, IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD)


def training_images(dataset, masks: bool = False, color: str = "jitter", random_seed: int = 0) -> TrainingImages:
    folder = dataset.root / "masks" if masks else None
    return TrainingImages(dataset, dataset.split("train"), transform(color), random_seed, folder)


def test_crop_depends_on_seed_epoch_and_index_alone(dataset):
    images = training_images(dataset)
    first = images[2, 3]["image"]
    images[0, 1], images[5, 3]  # noqa: B018
    assert torch.equal(images[2, 3]["image"], first)
    assert not torch.equal(images[3, 3]["image"], first)
    assert not torch.equal(training_images(dataset, random_seed=1)[2, 3]["image"], first)


def test_images_of_an_epoch_draw_apart_from_each_other(dataset):
    twice = TrainingImages(dataset, ["i0", "i0"], transform("none"), 0)
    assert not torch.equal(twice[0, 0]["image"], twice[0, 1]["image"])


def test_item_carries_labels_or_mask(dataset):
    place = {"index": (), "window": (4,), "flip": ()}
    assert images_keys(training_images(dataset)[0, 1]) == {"image": (3, 24, 24), "labels": (3,), **place}
    assert training_images(dataset)[0, 1]["labels"].tolist() == [0, 1, 0]
    assert images_keys(training_images(dataset, masks=True)[0, 1]) == {"image": (3, 24, 24), "mask": (24, 24)}


def images_keys(item: dict) -> dict:
    return {name: tuple(value.shape) for name, value in item.items()}


@pytest.mark.parametrize("color", ["jitter", "deit"])
def test_batches_are_the_same_from_several_workers(dataset, color):
    images = training_images(dataset, color=color)
    loaded = [
        list(DataLoader(images, batch_sampler=EpochSampler(7, 3, 0, 2, 0), num_workers=workers)) for workers in (0, 2)
    ]
    assert len(loaded[0]) == len(loaded[1]) == 4
    for one, other in zip(*loaded, strict=True):
        assert torch.equal(one["image"], other["image"]) and torch.equal(one["labels"], other["labels"])


def test_epoch_sees_each_image_at_most_once_in_full_batches():
    sampler = EpochSampler(10, 4, 0, 3, 0)
    batches = list(sampler)
    assert len(batches) == len(sampler) == 6 and {len(batch) for batch in batches} == {4}
    for epoch in range(3):
        items = [item for batch in batches[2 * epoch : 2 * epoch + 2] for item in batch]
        assert {of for of, _ in items} == {epoch} and len({index for _, index in items}) == 8


def test_epochs_and_seeds_have_their_own_order():
    orders = [[index for batch in EpochSampler(20, 20, epoch, epoch + 1, seed) for _, index in batch]
              for epoch, seed in ((0, 0), (1, 0), (0, 1))]  # fmt: skip
    assert all(sorted(order) == list(range(20)) for order in orders)
    assert orders[0] != orders[1] != orders[2] != orders[0]


def test_sampler_goes_on_from_an_epoch_with_the_same_order():
    whole = list(EpochSampler(10, 4, 0, 5, 7))
    assert list(EpochSampler(10, 4, 3, 5, 7)) == whole[6:]


def test_fewer_images_than_a_batch_make_one_batch():
    sampler = EpochSampler(3, 8, 0, 2, 0)
    assert [len(batch) for batch in sampler] == [3, 3] and len(sampler) == 2
