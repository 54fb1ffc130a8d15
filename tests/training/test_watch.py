"""A training that is watched: what is shown, and that it is the training that it would be unwatched."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small import params, seed_settings, write_dataset
from tensorboardX.proto.event_pb2 import Event

from wsss.config.blocks import Watch
from wsss.config.resolve import resolve
from wsss.data.augment import TrainTransform
from wsss.data.training_images import TrainingImages
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import ActivationNetwork
from wsss.seed.task import SeedTask
from wsss.training.loop import fit
from wsss.training.watch import FOLDER, Watcher

EPOCHS = 3


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("data") / "set")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def train(dataset, settings: Watch | None, task_type: type[SeedTask] = SeedTask) -> tuple[dict, list]:
    seed = seed_settings(epochs=EPOCHS, augmentation__crop_size=24)
    torch.manual_seed(0)
    network = ActivationNetwork(create_backbone(seed.backbone, None), 3, seed.head_dropout)
    task = task_type(network, seed, resolve(params(), "toy", "main").extract)
    transform = TrainTransform(seed.augmentation, network.backbone.mean, network.backbone.std)
    images = TrainingImages(dataset, dataset.split("train"), transform, seed.random_seed)
    watcher = Watcher(settings, "toy-main-seed_network", dataset, images.ids, images.ids) if settings else None
    rows, _ = fit(task, images, seed, Path("checkpoint"), {"a": 1}, 0, watcher)
    Path("checkpoint").unlink()  # as the stage does once the result is safe
    return network.state_dict(), rows


def events() -> Iterator[Event]:
    """Yield what lies in the files of the training."""
    for path in sorted((FOLDER / "toy-main-seed_network").glob("events.*")):
        content = io.BytesIO(path.read_bytes())
        while head := content.read(12):
            yield Event.FromString(content.read(struct.unpack("<Q", head[:8])[0]))
            content.read(4)


def values(name: str) -> dict[int, float]:
    return {event.step: one.simple_value for event in events() for one in event.summary.value if one.tag == name}


def pictures() -> dict[int, np.ndarray]:
    """Return {epoch: the pictures of all images side by side}."""
    found = {event.step: one.image for event in events() for one in event.summary.value if one.HasField("image")}
    return {step: np.asarray(Image.open(io.BytesIO(one.encoded_image_string))) for step, one in found.items()}


def test_a_watched_training_is_the_unwatched_one(dataset):
    (weights, rows), (watched, watched_rows) = train(dataset, None), train(dataset, Watch(every=1, pictures=2))
    assert rows == watched_rows
    assert all(torch.equal(value, watched[name]) for name, value in weights.items())


def test_numbers_are_those_of_the_curve(dataset):
    _, rows = train(dataset, Watch())
    assert values("loss") == pytest.approx({row["epoch"]: row["loss"] for row in rows})
    assert set(values("lr")) == {1, 2, 3}


def test_pictures_of_the_same_images_come_every_few_epochs_and_at_the_end(dataset):
    train(dataset, Watch(every=2, pictures=3))
    shown = pictures()
    assert set(shown) == {2, 3} and all(picture.std() > 10 for picture in shown.values())


def test_a_training_that_begins_anew_forgets_what_an_earlier_one_showed(dataset):
    train(dataset, Watch())
    train(dataset, Watch())
    assert sum(one.tag == "loss" for event in events() for one in event.summary.value) == EPOCHS


class Segmenting(SeedTask):
    """Predicts the true masks' first class everywhere."""

    def look(self, image, labels):
        return np.ones(image.shape[-2:], np.uint8)


def test_val_is_measured_only_where_that_is_asked_for(dataset):
    train(dataset, Watch(every=2, pictures=0), Segmenting)
    assert not [one.tag for event in events() for one in event.summary.value if "miou" in one.tag]
    train(dataset, Watch(every=2, pictures=0, val_images=2), Segmenting)
    found = values("val_miou_of_2_images")
    masks = [dataset.mask(name) for name in dataset.masked("train")[:2]]
    inter, union = sum((mask == 1).sum() for mask in masks), sum((mask != 255).sum() for mask in masks)
    present = np.unique(np.concatenate([mask.ravel() for mask in masks]))
    classes = len(set(present[present != 255]) | {1})
    assert found == pytest.approx(dict.fromkeys((2, 3), 100 * inter / union / classes))


class Failing(SeedTask):
    def look(self, image, labels):
        raise RuntimeError("nothing to see")


def test_what_cannot_be_shown_is_said_and_the_training_goes_on(dataset, capsys):
    _, rows = train(dataset, Watch(every=1), Failing)
    assert len(rows) == EPOCHS and set(values("loss")) == {1, 2, 3}
    assert "watch: RuntimeError: nothing to see; the training goes on" in capsys.readouterr().err


def test_a_tracker_that_is_not_installed_is_named(dataset, capsys):
    train(dataset, Watch(trackers=["aim"]))
    assert "watch.trackers: aim is not installed here" in capsys.readouterr().err


def test_without_trackers_nothing_is_written(dataset):
    train(dataset, Watch(trackers=[]))
    assert not FOLDER.exists()
