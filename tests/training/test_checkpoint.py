"""Trainings that were interrupted: resumed to the bit, and from a checkpoint of their own alone."""

from __future__ import annotations

import shutil

import pytest
import torch
from small import params, seed_settings, write_dataset

from wsss.config.resolve import resolve
from wsss.data.augment import TrainTransform
from wsss.data.training_images import TrainingImages
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import ActivationNetwork
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.seed.task import SeedTask
from wsss.segmentation.task import SegmentationTask
from wsss.training.loop import fit
from wsss.training.train_stage import train_stage

AUGMENTATION = {"augmentation__crop_size": 24}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return write_dataset(tmp_path_factory.mktemp("data") / "set")


class Interrupted(Exception):
    """Stands for a killed process."""


def train(dataset, checkpoint, settings, fingerprint=None, stop_in_epoch: int | None = None, workers: int = 0):
    """Train a seed network, from the same initial weights each time; return its weights and the rows."""
    torch.manual_seed(0)
    backbone = create_backbone(settings.backbone, None)
    network = ActivationNetwork(backbone, 3, settings.head_dropout)
    task = SeedTask(network, settings)
    if stop_in_epoch is not None:
        loss, calls = task.loss, []

        def loss_until(*arguments):
            calls.append(1)
            if len(calls) > 3 * (stop_in_epoch - 1) + 1:  # 3 batches an epoch: in its second
                raise Interrupted
            return loss(*arguments)

        task.loss = loss_until
    transform = TrainTransform(settings.augmentation, backbone.mean, backbone.std)
    images = TrainingImages(dataset, dataset.split("train"), transform, settings.random_seed)
    torch.rand(int(torch.randint(1, 50, (1,))))  # whatever else has drawn before
    rows, _ = fit(task, images, settings, checkpoint, fingerprint or {"a": 1}, workers)
    return {name: value.clone() for name, value in network.state_dict().items()}, rows


def interrupt_after(steps: int):
    """Return what a task does after a step: stop the training after so many."""
    done = []

    def after_step() -> None:
        done.append(1)
        if len(done) == steps:
            raise Interrupted

    return after_step


def assert_same(one, other):
    for name, value in one[0].items():
        assert torch.equal(value, other[0][name]), name
    assert one[1] == other[1]


KINDS = {
    "transformer": {"backbone": "tiny_transformer", "dropout_high": 0.1, **AUGMENTATION},
    "gt": {"backbone": "tiny_cnn", "regularization": "gt", "mapping": "cam", **AUGMENTATION},
    "oaa": {"backbone": "tiny_transformer", "regularization": "oaa", **AUGMENTATION},
    "cnn": {"backbone": "tiny_cnn", "head_dropout": 0.3, "augmentation__color": "jitter", **AUGMENTATION},
}


@pytest.mark.parametrize("kind", list(KINDS))
def test_interrupted_and_resumed_training_equals_an_uninterrupted_one(dataset, tmp_path, kind, capsys):
    settings = seed_settings(**KINDS[kind])
    whole = train(dataset, tmp_path / "whole", settings)
    with pytest.raises(Interrupted):
        train(dataset, tmp_path / "cut", settings, stop_in_epoch=3)
    torch.manual_seed(99)  # another process
    resumed = train(dataset, tmp_path / "cut", settings)
    assert "resuming after epoch 2" in capsys.readouterr().err
    assert_same(whole, resumed)
    assert [row["epoch"] for row in resumed[1]] == [1, 2, 3]
    if settings.regularization == "aa":
        assert resumed[1][2]["t"] > resumed[1][0]["t"] > 0  # the schedule took up where it was


@pytest.mark.parametrize("changed", [False, True])
def test_a_checkpoint_does_not_serve_other_masks(dataset, tmp_path, changed, capsys):
    """A stage is interrupted, and what it starts from made anew before it runs again."""
    masks = tmp_path / "masks"
    shutil.copytree(dataset.root / "masks", masks)
    parameters = resolve(params(), "toy", "segmentation.epochs=2,segmentation.batch_size=2")
    settings = parameters.segmentation

    def stage(interrupted: bool) -> None:
        network = SegmentationNetwork(create_backbone("tiny_cnn", None), 4, "small", 8)
        task = SegmentationTask(network)
        transform = TrainTransform(settings.augmentation, network.backbone.mean, network.backbone.std)
        images = TrainingImages(dataset, dataset.split("train"), transform, 0, masks=masks)
        if interrupted:
            task.after_step = interrupt_after(4)  # in the second epoch
        train_stage("train_segmentation", task, images, settings, parameters, [None, masks], tmp_path / "out", 1)

    with pytest.raises(Interrupted):
        stage(interrupted=True)
    if changed:
        mask = min(masks.iterdir())
        mask.write_bytes(mask.read_bytes() + b"\0")  # another content, the same picture
    stage(interrupted=False)
    messages = capsys.readouterr().err
    assert ("of other parameters or inputs; starting anew" if changed else "resuming after epoch 1") in messages


def test_checkpoint_of_other_parameters_is_not_used(dataset, tmp_path, capsys):
    settings = seed_settings(**KINDS["cnn"])
    with pytest.raises(Interrupted):
        train(dataset, tmp_path / "c", settings, {"lr": 1}, stop_in_epoch=2)
    found = train(dataset, tmp_path / "c", settings, {"lr": 2})
    assert "of other parameters or inputs; starting anew" in capsys.readouterr().err
    assert_same(found, train(dataset, tmp_path / "d", settings, {"lr": 2}))


@pytest.mark.parametrize("kind", ["garbage", "cut short", "foreign"])
def test_checkpoint_that_is_none_is_not_used(dataset, tmp_path, capsys, kind):
    settings, path = seed_settings(epochs=1, **KINDS["cnn"]), tmp_path / "c"
    torch.save({"x": torch.zeros(999)} if kind == "foreign" else {"fingerprint": "{'a': 1}"}, path)
    if kind != "foreign":
        path.write_bytes(b"garbage" if kind == "garbage" else path.read_bytes()[:200])
    found = train(dataset, path, settings)
    assert "starting anew" in capsys.readouterr().err
    assert_same(found, train(dataset, tmp_path / "d", settings))


def test_no_checkpoint_is_written_for_the_last_epoch(dataset, tmp_path):
    train(dataset, tmp_path / "c", seed_settings(epochs=1, **KINDS["cnn"]))
    assert [path.name for path in tmp_path.iterdir()] == ["c.curve.csv"]
