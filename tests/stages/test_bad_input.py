"""Rubbish in: each stage stops with one line that names the file or key, exit status 1, and no output."""

from pathlib import Path

import pytest
import torch
import yaml
from PIL import Image
from program import run_program
from project import small_params
from safetensors.torch import save_file
from voc_folder import make_voc_folder


def run_stage(tmp_path: Path, stage: str, params: dict, *arguments: str) -> str:
    """Run a stage that must fail; return its one line of error."""
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    done = run_program(stage, *arguments, folder=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    return errors[0]


@pytest.fixture
def own(tmp_path):
    """A good folder in VOC layout, and params.yaml with it as the data set `own`."""
    classes = make_voc_folder(tmp_path / "own", train=3, val=2, test=0)
    params = small_params()
    splits = {"train": "train", "evaluate": "train", "val": "val", "test": None}
    data = {"layout": "voc", "root": str(tmp_path / "own"), "classes": list(classes), "splits": splits}
    params["datasets"]["own"] = {**params["datasets"]["mini"], "data": data}
    return tmp_path / "own", params


def no_mask_for_val(root: Path) -> str:
    for name in ("val_0000", "val_0001"):
        (root / "SegmentationClass" / f"{name}.png").unlink()
    return "val_0000, val_0001"


def undecodable_image(root: Path) -> str:
    (root / "JPEGImages/train_0001.jpg").write_bytes(b"\xff\xd8 not a photo")
    return "train_0001.jpg"


def mask_of_another_size(root: Path) -> str:
    path = root / "SegmentationClass/train_0002.png"
    Image.open(path).crop((0, 0, 40, 48)).save(path)
    return "train_0002.png"


def class_that_does_not_exist(root: Path) -> str:
    path = root / "SegmentationClass/val_0000.png"
    mask = Image.open(path)
    mask.putpixel((0, 0), 7)
    mask.save(path)
    return "val_0000.png"


def id_without_a_file(root: Path) -> str:
    with (root / "ImageSets/Segmentation/train.txt").open("a") as file:
        file.write("train_0099\n")
    return "train_0099"


def empty_split(root: Path) -> str:
    (root / "ImageSets/Segmentation/val.txt").write_text("\n")
    return "val.txt"


@pytest.mark.parametrize(
    "spoil",
    [
        no_mask_for_val,
        undecodable_image,
        mask_of_another_size,
        class_that_does_not_exist,
        id_without_a_file,
        empty_split,
    ],
)
def test_a_spoilt_data_set_is_refused_by_name(tmp_path, own, spoil):
    root, params = own
    named = spoil(root)
    assert named in run_stage(tmp_path, "prepare_data", params, "--dataset", "own", "--out", "data/own")
    assert not (tmp_path / "data/own").exists()


def test_a_root_variable_that_is_not_set_is_named(tmp_path, own, monkeypatch):
    monkeypatch.delenv("WSSS_NOWHERE", raising=False)
    params = own[1]
    params["datasets"]["own"]["data"]["root"] = "${WSSS_NOWHERE}"
    error = run_stage(tmp_path, "prepare_data", params, "--dataset", "own", "--out", "data/own")
    assert "datasets.own.data.root" in error and "WSSS_NOWHERE" in error


@pytest.mark.parametrize(
    ("key", "value", "hint"),
    [("tau_1", 1, "did you mean 'tau1'"), ("mapping", "cn", "did you mean 'cm'"), ("epochs", "many", "seed.epochs")],
)
def test_a_wrong_parameter_is_refused_with_key_and_hint(tmp_path, own, key, value, hint):
    params = own[1]
    params["datasets"]["own"]["seed"] = {**params["datasets"]["own"]["seed"], key: value}
    assert hint in run_stage(tmp_path, "prepare_data", params, "--dataset", "own", "--out", "data/own")
    assert not (tmp_path / "data/own").exists()


def prepared(tmp_path: Path, params: dict) -> None:
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    assert run_program("prepare_data", "--dataset", "own", "--out", "data/own", folder=tmp_path).returncode == 0


@pytest.mark.parametrize("weights", ["missing.safetensors", "of_another_network.safetensors"])
def test_training_without_the_right_weights_is_refused_by_name(tmp_path, own, weights):
    params = own[1]
    prepared(tmp_path, params)
    save_file({"blocks.0.weight": torch.zeros(2, 2)}, tmp_path / "of_another_network.safetensors")
    params["datasets"]["own"]["seed"]["weights"] = weights
    error = run_stage(
        tmp_path, "train_seed", params, "--dataset", "own", "--data", "data/own", "--out", "results/network"
    )
    assert weights in error
    assert not (tmp_path / "results/network").exists()


def test_a_submission_of_a_data_set_without_a_test_split_is_refused_by_key(tmp_path, own):
    _, params = own
    (tmp_path / "data").mkdir()
    (tmp_path / "data/classes.txt").write_text("one\n")
    error = run_stage(
        tmp_path,
        "export_test",
        params,
        *("--dataset", "own", "--data", "data", "--predictions", "predictions", "--out", "out.tar.gz"),
    )
    assert "datasets.own.data.splits.test is null" in error
