"""The train loop: freezing, repeating, what it tells, and when it goes wrong."""

from __future__ import annotations

import math

import pandas as pd
import pytest
import torch
from small import Toy, seed_settings, write_dataset

from wsss.config.blocks import Training
from wsss.data.augment import TrainTransform
from wsss.data.training_images import TrainingImages
from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import ActivationNetwork
from wsss.seed.task import SeedTask
from wsss.training.loop import Task, fit

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


@pytest.mark.parametrize("kind", ["cnn", "oaa"])
def test_two_runs_are_the_same_and_workers_change_nothing(dataset, tmp_path, kind):
    settings = seed_settings(**KINDS[kind])
    one = train(dataset, tmp_path / "a", settings)
    assert_same(one, train(dataset, tmp_path / "b", settings, workers=2))
    other_seed = train(dataset, tmp_path / "c", seed_settings(random_seed=1, **KINDS[kind]))
    assert other_seed[1] != one[1]


@pytest.mark.parametrize("what", ["stem", "batch_norm"])
def test_frozen_parts_do_not_change_and_the_others_do(dataset, tmp_path, what):
    torch.manual_seed(0)
    start = ActivationNetwork(create_backbone("tiny_cnn", None), 3).state_dict()
    end, _ = train(dataset, tmp_path / "c", seed_settings(freeze=what, **KINDS["cnn"]))
    changed = {name.removeprefix("backbone.network.") for name in start if not torch.equal(start[name], end[name])}
    norms = {name for name in changed if "running" in name or "tracked" in name}
    assert not norms
    assert {"stage2.0.conv1.0.weight", "head.weight"} <= changed
    assert not any(name.split(".")[-2] == "1" and "conv" in name for name in changed)  # conv, norm, ReLU: the norm
    stem = {name for name in changed if name.startswith(("stem.", "stage1."))}
    assert bool(stem) == (what == "batch_norm")


def test_unfrozen_training_changes_batch_norms(dataset, tmp_path):
    torch.manual_seed(0)
    start = ActivationNetwork(create_backbone("tiny_cnn", None), 3).state_dict()
    end, _ = train(dataset, tmp_path / "c", seed_settings(epochs=1, **KINDS["cnn"]))
    for name in ("stem.1.running_mean", "stem.1.weight", "stage1.0.conv1.0.weight"):
        assert not torch.equal(start[f"backbone.network.{name}"], end[f"backbone.network.{name}"])


def test_the_curve_so_far_lies_beside_the_checkpoint(dataset, tmp_path):
    class Stopping(Task):
        """Is interrupted in the second of three epochs, of 3 steps each."""

        def __init__(self, steps):
            self.network, self.left = Toy(), steps

        def loss(self, network, batch):
            self.left -= 1
            if self.left < 0:
                raise Interrupted
            return {"loss": network.head.bias.sum() * 0 + 4.0}

    settings = seed_settings(epochs=3, **AUGMENTATION)
    transform = TrainTransform(settings.augmentation, (0.5,) * 3, (0.5,) * 3)
    images = TrainingImages(dataset, dataset.split("train"), transform, 0)
    with pytest.raises(Interrupted):
        fit(Stopping(5), images, settings, tmp_path / ".network.checkpoint", {}, 0)
    curve = tmp_path / ".network.curve.csv"
    assert list(pd.read_csv(curve).epoch) == [1]
    rows, _ = fit(Stopping(6), images, settings, tmp_path / ".network.checkpoint", {}, 0)
    assert list(pd.read_csv(curve).epoch) == [row["epoch"] for row in rows] == [1, 2, 3]


def test_rows_tell_epoch_rate_and_the_mean_of_each_term(dataset, tmp_path):
    class Counting(Task):
        """Its loss is a constant times a parameter; it counts the steps."""

        def __init__(self):
            self.network, self.steps, self.progress = Toy(), 0, []

        def before_step(self, progress):
            self.progress.append(progress)
            return {"t": self.steps}

        def loss(self, network, batch):
            return {"loss": network.head.bias.sum() * 0 + 4.0, "half": torch.tensor(2.0)}

        def after_step(self):
            self.steps += 1

    task = Counting()
    settings = seed_settings(epochs=2, **AUGMENTATION)
    transform = TrainTransform(settings.augmentation, (0.5,) * 3, (0.5,) * 3)
    images = TrainingImages(dataset, dataset.split("train"), transform, 0)
    rows, _ = fit(task, images, settings, tmp_path / "c", {}, 0)
    assert task.progress == [0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6]
    assert [(row["epoch"], row["loss"], row["half"], row["t"]) for row in rows] == [(1, 4, 2, 1), (2, 4, 2, 4)]
    assert rows[0]["lr"] == pytest.approx(0.01 * (1 - 2 / 6) ** 0.9)  # of the epoch's last step


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
@pytest.mark.parametrize("at", [1, 2, 5, 6])
def test_diverged_training_stops_and_names_the_step_and_what_is_kept(dataset, tmp_path, at, number):
    class Diverging(Task):
        """Its loss is not a number in one step of 6; there are 3 in an epoch."""

        def __init__(self):
            self.network, self.steps = Toy(), 0

        def loss(self, network, batch):
            self.steps += 1
            return {"loss": network.head.bias.sum() * (number if self.steps == at else 0), "fine": torch.zeros(())}

    settings = seed_settings(**AUGMENTATION, epochs=2, batch_size=2)
    transform = TrainTransform(settings.augmentation, (0.5,) * 3, (0.5,) * 3)
    images = TrainingImages(dataset, dataset.split("train"), transform, 0)
    epoch = 1 if at <= 3 else 2
    kept = "" if epoch == 1 else rf"; the state after epoch 1 is in {tmp_path / 'c'}"
    with pytest.raises(
        InputError, match=rf"step {at}, epoch {epoch}: loss is (nan|-?inf); lower optimizer.lr.*warmup{kept}$"
    ):
        fit(Diverging(), images, settings, tmp_path / "c", {}, 0)
    assert {path.name for path in tmp_path.iterdir()} == ({"c", "c.curve.csv"} if epoch == 2 else set())


def test_training_without_images_is_refused(dataset, tmp_path):
    settings = seed_settings(**AUGMENTATION)
    images = TrainingImages(dataset, [], TrainTransform(settings.augmentation, (0.5,) * 3, (0.5,) * 3), 0)
    with pytest.raises(InputError, match="no image to train on"):
        fit(Task(), images, settings, tmp_path / "c", {}, 0)


def test_training_learns(dataset, tmp_path):
    settings: Training = seed_settings(
        backbone="tiny_cnn", regularization="none", mapping="cam", epochs=20, optimizer__name="adamw", **AUGMENTATION
    )
    _, rows = train(dataset, tmp_path / "c", settings)
    assert rows[-1]["classification"] < 0.5 * rows[0]["classification"]


@pytest.mark.parametrize(
    ("backbone", "crop"),
    [("resnet50", 64), ("convnext_tiny", 64), ("vit_small_patch14_dinov2", 56), ("tf_efficientnet_lite0", 64)],
)
def test_other_backbones_of_timm_train_by_name(dataset, tmp_path, request, backbone, crop):
    settings = seed_settings(backbone=backbone, epochs=1, augmentation__crop_size=crop, optimizer__lr=1e-4)
    torch.use_deterministic_algorithms(True, warn_only=True)  # as the stages do: what nobody has written is NaN
    request.addfinalizer(lambda: torch.use_deterministic_algorithms(False))
    torch.manual_seed(0)
    before = ActivationNetwork(create_backbone(backbone, None), 3).state_dict()
    after, rows = train(dataset, tmp_path / "checkpoint", settings)
    assert math.isfinite(rows[0]["loss"]) and rows[0]["agreement"] > 0
    moved = [name for name, value in after.items() if "weight" in name and not torch.equal(value, before[name])]
    assert "head.weight" in moved and len(moved) > 50
