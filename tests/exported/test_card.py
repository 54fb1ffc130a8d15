"""The card of an exported network: the numbers that there are, and no others."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from small import write_dataset

from stages.export_model import run as export_model
from stages.export_seed_model import run as export_seed_model
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.product.making import finish, wanted_record

METRICS = {
    "split": "val",
    "images": 6,
    "miou": 61.254,
    "fpr": 12.5,
    "fnr": 26.0,
    "per_class": {"background": {"iou": 90.0}, "class1": {"iou": None}, "class2": {"iou": 47.111}},
}


@pytest.fixture
def card(parameters, dataset, segmentation_network, tmp_path):
    """A function that exports with these options and returns the card's text."""

    def export(network=segmentation_network, data=dataset.root, **options) -> str:
        out = tmp_path / "model"
        export_model(parameters, variant="tau1=2", data=data, network=network, out=out, **options)
        return (out / "README.md").read_text()

    return export


def given(tmp_path, **files: dict) -> list[str]:
    for what, metrics in files.items():
        (tmp_path / f"{what}.json").write_text(json.dumps(metrics))
    return [f"{what}={tmp_path / what}.json" for what in files]


def test_measured_numbers_are_shown_with_the_images_they_are_of(card, tmp_path):
    masks = METRICS | {"split": "train", "miou": 70.0, "images_without_mask": 3}
    text = card(metrics=given(tmp_path, val=METRICS, masks=masks))
    assert "| predictions | 6 images of val | 61.25 | 12.50 | 26.00 |" in text
    assert "| masks that it was trained on | 6 images of train, 3 more have no true mask | 70.00 |" in text
    assert "| class2 | 47.11 |" in text and "| class1 | in none |" in text
    assert "have not been measured" not in text and "had not been measured" not in text


def test_without_metrics_it_says_that_nothing_was_measured(card):
    text = card()
    assert "Its predictions had not been measured when this folder was made." in text
    assert "mIoU" not in text


def test_a_data_set_without_true_masks_says_so(card, tmp_path):
    bare = write_dataset(tmp_path / "bare").root
    shutil.rmtree(bare / "masks")
    quality = {"images": 6, "images_lacking_a_class": 2, "images_hardly_marked": 1}
    for of_crfs in ({"void": 12.34, "contradicted": 5.0}, {}):  # masks of another method have none
        (tmp_path / "quality.json").write_text(json.dumps(quality | of_crfs))
        text = card(data=bare, mask_quality=tmp_path / "quality.json")
        assert "Its predictions have not been measured: bare has no true masks." in text
        assert "of the 6 masks that it was trained on, 2 lack a class of their photo, and 1 mark less than 1 %" in text
        assert ("12.3 %" in text) == ("CRFs over the seeds" in text) == bool(of_crfs)
        assert "mIoU" not in text


def test_the_record_of_the_training_says_where_it_comes_from(card, parameters, segmentation_network, tmp_path):
    network = shutil.copytree(segmentation_network, tmp_path / "network")
    assert "There is no record of its training." in card(network=network)
    program = tmp_path / "train_segmentation.py"
    program.touch()
    finish(network, wanted_record("train_segmentation", {"parameters": parameters}), program, 12.0)
    text = card(network=network)
    assert "variant `tau1=2`, 1 epochs; it began with random weights." in text
    assert "Trained by `train_segmentation.py` of" in text and re.search(r"torch \d", text)
    assert "no mask was drawn for it" in text
    trained = json.loads((tmp_path / "model/model.json").read_text())["origin"]["trained"]
    assert "data" not in trained["parameters"] and "code" not in trained  # where they lay is nobody's business
    assert trained["parameters"]["seed"]["mapping"] == "cm" and trained["product"]


def test_metrics_of_something_else_are_refused(card, tmp_path):
    with pytest.raises(InputError, match="--metrics: 'vall' is not shown on the card; did you mean 'val'"):
        card(metrics=given(tmp_path, vall=METRICS))


def test_the_card_of_a_seed_network_says_how_its_threshold_was_chosen(dataset, parameters, seed_network, tmp_path):
    metrics = METRICS | {"split": "train", "tuned_on": "6 images of train"}
    (tmp_path / "labels.json").write_text(json.dumps({"map": 81.5, "images": 4}))
    given_files = {"metrics": given(tmp_path, seeds=metrics), "label_metrics": tmp_path / "labels.json"}
    out = tmp_path / "model"
    export_seed_model(parameters, variant="main", data=dataset.root, network=seed_network, out=out, **given_files)
    text = (out / "README.md").read_text()
    assert (
        "| seeds, at their best threshold | 6 images of train, chosen by true masks: 6 images of train | 61.25 |"
        in text
    )
    assert "Mean average precision 81.50 % on the labels of 4 photos" in text
    assert 'seeder("photo.jpg", ["class1"])' in text


def test_every_python_line_of_the_card_runs(model, dataset, tmp_path, monkeypatch):
    """Where its folder is and a photo.jpg."""
    text = (model / "README.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]
    (tmp_path / "results/toy/main").mkdir(parents=True)
    shutil.copytree(model, tmp_path / "results/toy/main/model")
    shutil.copy(dataset.image_path("i0"), tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(code, names)
    assert names["mask"].shape == PreparedDataset(dataset.root).image_size("i0")
