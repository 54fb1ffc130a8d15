"""What each image adds to the metrics: rows whose sums are the metrics."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small import write_dataset

from wsss.data.prepared import PreparedDataset
from wsss.evaluation.evaluate import evaluate_masks, evaluate_predictions, evaluate_seeds
from wsss.files import VOID, write_mask
from wsss.seed.seed_file import read_seed_of, seed_at_full_size, write_seed

SIZE = (24, 30)


@pytest.fixture
def dataset(tmp_path) -> PreparedDataset:
    """Six images with random masks, void among them; one all void, one without an object."""
    random = np.random.default_rng(5)
    made = write_dataset(tmp_path / "data", SIZE)
    for name in made.split("train"):
        mask = random.integers(0, 4, SIZE).repeat(1, 0).astype(np.uint8)
        mask[random.random(SIZE) < 0.2] = VOID
        mask = {"i2": np.full(SIZE, VOID), "i3": np.zeros(SIZE)}.get(name, mask).astype(np.uint8)
        write_mask(made.root / "masks" / f"{name}.png", mask)
    return PreparedDataset(made.root)


def random_masks(dataset: PreparedDataset, folder: Path) -> Path:
    folder.mkdir()
    random = np.random.default_rng(6)
    for name in dataset.split("train"):
        write_mask(folder / f"{name}.png", random.integers(0, 4, SIZE))
    return folder


def random_seeds(dataset: PreparedDataset, folder: Path) -> Path:
    folder.mkdir()
    random = np.random.default_rng(7)
    for name in dataset.split("train"):
        classes = np.flatnonzero(dataset.labels([name])[0]) + 1
        maps = np.round(random.random((len(classes), *SIZE)) ** 3, 2) * (name != "i4")
        write_seed(folder / f"{name}.npz", classes, maps, SIZE)
    return folder


def of_class(rows: pd.DataFrame, name: str) -> dict[str, float]:
    """Return the metrics of a class that the rows add up to."""
    sums = rows[rows["class"] == name][["intersection", "false_positives", "false_negatives", "union"]].sum()
    return {
        "iou": 100 * sums.intersection / sums.union,
        "fpr": 100 * sums.false_positives / sums.union,
        "fnr": 100 * sums.false_negatives / sums.union,
    }


@pytest.mark.parametrize("evaluate", [evaluate_masks, evaluate_predictions, evaluate_seeds])
def test_the_sums_of_rows_are_the_metrics(dataset, tmp_path, evaluate):
    made = (random_seeds if evaluate is evaluate_seeds else random_masks)(dataset, tmp_path / "made")
    metrics = evaluate(dataset, "train", made, 1, tmp_path / "rows.csv")
    rows = pd.read_csv(tmp_path / "rows.csv")
    assert metrics["miou"] > 5
    for name, wanted in metrics["per_class"].items():
        assert of_class(rows, name) == wanted  # to the last digit
    assert metrics["miou"] == np.mean([of_class(rows, name)["iou"] for name in metrics["per_class"]])


def test_two_processes_count_as_one_does(dataset, tmp_path, monkeypatch):
    made = random_seeds(dataset, tmp_path / "made")
    monkeypatch.setattr("wsss.evaluation.evaluate._IMAGES_PER_TASK", 3)
    monkeypatch.setattr("wsss.parallel._ALONE", 0.0)
    one, two = (evaluate_seeds(dataset, "train", made, number, tmp_path / f"{number}.csv") for number in (1, 2))
    assert one == two
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()


def test_a_row_says_what_a_plain_count_does(dataset, tmp_path):
    made = random_seeds(dataset, tmp_path / "made")
    metrics = evaluate_seeds(dataset, "train", made, 1, tmp_path / "rows.csv")
    rows = pd.read_csv(tmp_path / "rows.csv").set_index(["image", "class"])
    names, count = ["background", *dataset.classes], 0
    for image_id in dataset.split("train"):
        mask, seed = dataset.mask(image_id), read_seed_of(dataset, made, image_id)
        scores = np.stack([np.full(SIZE, metrics["threshold"], np.float32), *seed_at_full_size(seed)])
        prediction = np.array([0, *seed.classes])[scores.argmax(0)]
        for number, name in enumerate(names):
            true, predicted = (mask == number) & (mask != VOID), (prediction == number) & (mask != VOID)
            if (true | predicted).any():
                count += 1
                row = rows.loc[(image_id, name)]
                assert row.intersection == (true & predicted).sum()
                assert row.union == (true | predicted).sum()
                assert row.false_positives == (predicted & ~true).sum()
                assert row.false_negatives == (true & ~predicted).sum()
                assert row.void_share == pytest.approx(100 * (mask == VOID).mean(), abs=0.005)
                assert row.iou == pytest.approx(100 * row.intersection / row.union, abs=0.005)
    assert count == len(rows) > 12


def test_an_image_that_is_all_void_has_no_row(dataset, tmp_path):
    evaluate_masks(dataset, "train", random_masks(dataset, tmp_path / "made"), 1, tmp_path / "rows.csv")
    assert set(pd.read_csv(tmp_path / "rows.csv")["image"]) == set(dataset.split("train")) - {"i2"}
