"""Folders of seeds and masks evaluated: images without a class, classes without a seed, masks without a class."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from program import run_program
from real_layouts import write_coco
from small import PARAMS, write_dataset

from wsss.data.layouts.coco import prepare_coco
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.evaluation.evaluate import evaluate_masks, evaluate_predictions, evaluate_seeds
from wsss.files import write_mask
from wsss.seed.seed_file import write_seed

SIZE = (32, 40)


@pytest.fixture
def dataset(tmp_path) -> PreparedDataset:
    """Six images of the classes 1, 2, 3, 1, 2, 3."""
    return write_dataset(tmp_path / "data", SIZE)


def without_class(dataset: PreparedDataset, *ids: str) -> PreparedDataset:
    """Return the data set with these images labelled with nothing, their masks background."""
    table = (dataset.root / "labels.csv").read_text().splitlines()
    rows = [f"{row.partition(',')[0]},0,0,0" if row.partition(",")[0] in ids else row for row in table]
    (dataset.root / "labels.csv").write_text("\n".join([*rows, ""]))
    for name in ids:
        write_mask(dataset.root / "masks" / f"{name}.png", np.zeros(SIZE))
    return PreparedDataset(dataset.root)


def predictions(dataset: PreparedDataset, folder: Path, wrong: dict[str, np.ndarray]) -> Path:
    """Write the true masks as predictions, but for those given."""
    folder.mkdir(exist_ok=True)
    for name in dataset.split("train"):
        write_mask(folder / f"{name}.png", wrong.get(name, dataset.mask(name)))
    return folder


def seeds(dataset: PreparedDataset, folder: Path, zero: tuple[str, ...] = ()) -> Path:
    """Write the true masks as seeds, but zeros for those named."""
    folder.mkdir(exist_ok=True)
    for name in dataset.split("train"):
        classes = np.flatnonzero(dataset.labels([name])[0]) + 1
        maps = (dataset.mask(name) == classes[:, None, None]) * (name not in zero)
        write_seed(folder / f"{name}.npz", classes, maps, SIZE)
    return folder


def test_metrics_of_images_with_a_label_stand_beside_those_of_all(dataset, tmp_path):
    """A false object in an image without any lowers what is measured on all images alone."""
    dataset = without_class(dataset, "i1", "i5")
    made = predictions(dataset, tmp_path / "made", {"i1": np.full(SIZE, 2)})
    metrics = evaluate_predictions(dataset, "train", made, 1)
    labelled = metrics["labelled_only"]
    assert (metrics["images"], labelled["images"]) == (6, 4)
    assert labelled["miou"] == 100 and labelled["fpr"] == 0
    of_class = metrics["per_class"]["class2"]["iou"]
    assert of_class == pytest.approx(100 * 256 / (256 + 32 * 40))  # a block of 16x16 in i4, all of i1
    assert np.sum(metrics["confusion"]) == 6 * 32 * 40


def test_where_every_image_has_a_label_nothing_is_added(dataset, tmp_path):
    made = predictions(dataset, tmp_path / "made", {})
    assert "labelled_only" not in evaluate_predictions(dataset, "train", made, 1)
    assert "labelled_only" not in evaluate_seeds(dataset, "train", seeds(dataset, tmp_path / "seeds"), 1)


def test_where_labels_are_unknown_nothing_is_added(dataset, tmp_path):
    made = predictions(dataset, tmp_path / "made", {})
    dataset = without_class(dataset, "i1")
    table = (dataset.root / "labels.csv").read_text().splitlines()
    (dataset.root / "labels.csv").write_text("\n".join([*table[:-1], ""]))  # none of i5
    assert "labelled_only" not in evaluate_predictions(PreparedDataset(dataset.root), "train", made, 1)


def test_seeds_of_images_with_a_label_are_measured_too(dataset, tmp_path):
    dataset = without_class(dataset, "i1")
    metrics = evaluate_seeds(dataset, "train", seeds(dataset, tmp_path / "seeds"), 1)
    assert (metrics["images"], metrics["labelled_only"]["images"]) == (6, 5)
    assert "curve" in metrics and "curve" not in metrics["labelled_only"]


def test_images_without_a_true_mask_are_left_out_and_counted(dataset, tmp_path):
    made, zero = predictions(dataset, tmp_path / "made", {}), seeds(dataset, tmp_path / "seeds", ("i1", "i5"))
    for name in ("i1", "i5"):
        (dataset.root / "masks" / f"{name}.png").unlink()
    dataset = PreparedDataset(dataset.root)
    for metrics in (evaluate_masks(dataset, "train", made, 1), evaluate_seeds(dataset, "train", zero, 1)):
        assert (metrics["images"], metrics["images_without_mask"], metrics["miou"]) == (4, 2, 100)
    for name in dataset.split("train"):
        (dataset.root / "masks" / f"{name}.png").unlink(missing_ok=True)
    with pytest.raises(InputError, match="no image of 'train' has a mask"):
        evaluate_masks(PreparedDataset(dataset.root), "train", made, 1)


def test_classes_whose_seed_is_zero_everywhere_are_counted(dataset, tmp_path):
    metrics = evaluate_seeds(dataset, "train", seeds(dataset, tmp_path / "seeds", zero=("i0", "i4")), 1)
    assert (metrics["seeds"], metrics["empty_seeds"]) == (6, 2)


def test_masks_that_lack_a_class_of_their_image_are_counted(dataset, tmp_path):
    """One of background alone, one of another class; one that has its class where the truth is void has it."""
    wrong = {"i0": np.zeros(SIZE), "i1": np.full(SIZE, 3)}
    made = predictions(dataset, tmp_path / "made", wrong)
    write_mask(dataset.root / "masks" / "i2.png", np.full(SIZE, 255))
    metrics = evaluate_masks(dataset, "train", made, 1)
    assert metrics["images_lacking_a_class"] == 2
    assert "images_lacking_a_class" not in evaluate_predictions(dataset, "train", made, 1)


COCO = """
  tiny_coco:
    data:
      layout: coco
      root: somewhere
      annotations: { train: train.json, val: val.json }
      splits: { train: train, evaluate: train, val: val, test: null }
"""


def evaluate(dataset: PreparedDataset, made, step: str, tmp_path, variant: str = "main", name: str = "toy"):
    """Run the stage; return what it writes and what it says."""
    params, out = tmp_path / "params.yaml", tmp_path / f"{step}.json"
    params.write_text(PARAMS + COCO)
    options = ["--dataset", name, "--variant", variant, "--params", params, "--data", dataset.root, "--threads", 1]
    done = run_program("evaluate", "--step", step, *options, "--made", made, "--out", out)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text()), done.stdout


def test_the_stage_says_at_its_end_what_is_missing(dataset, tmp_path):
    metrics, said = evaluate(dataset, seeds(dataset, tmp_path / "seeds", zero=("i0",)), "evaluate_seed", tmp_path)
    assert "1 of 6 classes that are present have no seed at all" in said
    made = predictions(dataset, tmp_path / "made", {"i0": np.zeros(SIZE), "i3": np.zeros(SIZE)})
    metrics, said = evaluate(dataset, made, "evaluate_mask", tmp_path)
    assert "2 of 6 masks lack a class of their image" in said and "tuned_on" not in metrics


@pytest.mark.parametrize(
    ("variant", "tuned_on"),
    [
        ("mask.background=best", "train of toy"),
        ("recipe=mctformer", "PASCAL VOC 2012 train, as published (MCTformer)"),
        ("mask.background=constant,mask.background_score=0.5", None),
    ],
)
def test_metrics_of_masks_say_what_their_background_was_tuned_on(dataset, tmp_path, variant, tuned_on):
    made = predictions(dataset, tmp_path / "made", {})
    metrics, _ = evaluate(dataset, made, "evaluate_mask", tmp_path, variant)
    assert metrics.get("tuned_on") == tuned_on


def test_cocos_metrics_are_of_all_images_and_of_those_with_a_label_and_name_the_rule_of_overlaps(tmp_path):
    """Of three images of val one has no object; a prediction of background alone is right in it, and nowhere else."""
    prepare_coco(write_coco(tmp_path / "coco"), empty(tmp_path / "data"), {"val": "annotations/instances_val2014.json"})
    dataset = PreparedDataset(tmp_path / "data")
    made = empty(tmp_path / "made")
    for name in dataset.split("val"):
        write_mask(made / f"{name}.png", np.zeros(dataset.image_size(name)))
    metrics, said = evaluate(dataset, made, "evaluate_val", tmp_path, name="tiny_coco")
    labelled = metrics["labelled_only"]
    assert (metrics["images"], labelled["images"]) == (3, 2)
    assert metrics["per_class"]["background"]["iou"] > labelled["per_class"]["background"]["iou"] > 0
    assert f"mIoU {metrics['miou']:.2f}" in said and f"mIoU {labelled['miou']:.2f} on the 2 labelled" in said
    assert "fewer pixels lies over the larger" in metrics["overlaps"]


def test_a_data_set_without_a_rule_of_its_own_names_none(dataset, tmp_path):
    made = predictions(dataset, tmp_path / "made", {})
    assert "overlaps" not in evaluate(dataset, made, "evaluate_mask", tmp_path)[0]


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder
