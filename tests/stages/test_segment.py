"""stages/segment.py: a folder of photos, some of them broken, to masks, overlays and a list."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import torch
from PIL import Image
from program import run_program
from small import params, tell_apart, write_dataset

import wsss
from stages.export_model import run as export_model
from wsss.config.resolve import resolve
from wsss.data.augment import normalize
from wsss.files import read_mask
from wsss.models.segmentation_network import create_segmentation_network
from wsss.models.weights import write_weights


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    root = tmp_path_factory.mktemp("toy")
    dataset, parameters = write_dataset(root / "toy", size=(32, 40)), resolve(params(), "toy", "main")
    torch.manual_seed(3)
    network = create_segmentation_network(parameters.segmentation, 3)
    mean, std = network.backbone.mean, network.backbone.std
    tell_apart(network, torch.stack([normalize(dataset.image(name), mean, std) for name in dataset.split("train")]))
    (root / "network").mkdir()
    write_weights(root / "network/network.safetensors", network.state_dict(), {})
    export_model(parameters, variant="main", data=dataset.root, network=root / "network", out=root / "model")
    return root / "model"


@pytest.fixture
def photos(model, tmp_path):
    """Photos of several sizes in folders, one of them turned, one large; and a file that is no photo."""
    folder, dataset = tmp_path / "photos", model.parent / "toy/images"
    (folder / "below").mkdir(parents=True)
    first, second = (Image.open(dataset / f"i{number}.png") for number in (0, 1))
    first.save(folder / "a.png")
    first.save(folder / "a.bmp")
    second.resize((130, 97)).save(folder / "below/large.png")
    second.crop((0, 0, 9, 1)).save(folder / "below/line.webp", lossless=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    second.save(folder / "turned.png", exif=exif)
    (folder / "notes.txt").write_text("no photo")
    return folder


def rows(out) -> dict[str, dict[str, str]]:
    with (out / "photos.csv").open(newline="") as file:
        return {row["photo"]: row for row in csv.DictReader(file)}


def segment(model, photos, out, *options):
    return run_program("segment", "--model", model, "--photos", photos, "--out", out, "--threads", 2, *options)


def test_every_photo_has_the_mask_and_the_overlay_that_the_segmenter_makes(model, photos, tmp_path):
    done = segment(model, photos, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    names = {"a.bmp": "a.bmp", "a.png": "a.png", "below/large.png": "below/large", "below/line.webp": "below/line"}
    names |= {"turned.png": "turned"}
    segmenter, listed, seen = wsss.load_segmenter(model), rows(tmp_path / "out"), set()
    assert {photo: row["name"] for photo, row in listed.items()} == names
    for photo, name in names.items():
        mask = read_mask(tmp_path / f"out/masks/{name}.png")
        assert (mask == segmenter(photos / photo).mask).mean() > 0.999
        assert Image.open(tmp_path / f"out/overlays/{name}.jpg").size == mask.shape[::-1]
        assert (int(listed[photo]["height"]), int(listed[photo]["width"])) == mask.shape
        assert float(listed[photo]["class2"]) == pytest.approx((mask == 2).mean(), abs=1e-4)
        seen |= set(np.unique(mask))
    assert read_mask(tmp_path / "out/masks/turned.png").shape == (40, 32) and len(seen) > 1
    assert not (tmp_path / "out/probabilities").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "out"}  # no record and no second name beside it


def test_bad_files_are_listed_the_rest_is_done_and_the_exit_status_says_so(model, photos, tmp_path):
    (photos / "broken.jpg").write_bytes(b"no photo")
    (photos / "cut.png").write_bytes((photos / "a.png").read_bytes()[:900])
    done = segment(model, photos, tmp_path / "out")
    assert done.returncode == 1
    assert "2 of 7 photos could not be segmented" in done.stderr and "broken.jpg: does not decode" in done.stderr
    listed = rows(tmp_path / "out")
    assert [photo for photo, row in listed.items() if row["problem"]] == ["broken.jpg", "cut.png"]
    assert len(list((tmp_path / "out/masks").rglob("*.png"))) == 5
    done = segment(model, photos, tmp_path / "out", "--bad-files", "list")
    assert done.returncode == 0 and "cut.png: does not decode" in done.stdout


def test_probabilities_come_on_request(model, photos, tmp_path):
    assert segment(model, photos, tmp_path / "out", "--probabilities").returncode == 0
    with np.load(tmp_path / "out/probabilities/below/large.npz") as made:
        classes, probabilities = made["classes"], made["probabilities"].astype(np.float32)
    mask = read_mask(tmp_path / "out/masks/below/large.png")
    assert probabilities.shape == (len(classes), 97, 130) and np.allclose(probabilities.sum(0), 1, atol=5e-3)
    assert (classes[probabilities.argmax(0)] == mask).mean() > 0.99


def test_one_photo_is_segmented_too_and_a_folder_of_photos_is_replaced(model, photos, tmp_path):
    assert segment(model, photos, tmp_path / "out").returncode == 0
    assert segment(model, photos / "below/large.png", tmp_path / "out").returncode == 0
    assert [path.name for path in (tmp_path / "out/masks").iterdir()] == ["large.png"]


def test_the_longest_side_can_be_chosen(model, photos, tmp_path):
    assert segment(model, photos, tmp_path / "small", "--longest-side", 8).returncode == 0
    assert segment(model, photos, tmp_path / "whole", "--longest-side", 0).returncode == 0
    whole = read_mask(tmp_path / "whole/masks/below/large.png")
    wanted = wsss.load_segmenter(model)(photos / "below/large.png", longest_side=0).mask
    assert (whole == wanted).mean() > 0.999
    assert (read_mask(tmp_path / "small/masks/below/large.png") != whole).any()


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("full", "holds something else than segmented photos; name a new folder"),
        ("photos", "one lies in the other"),
        ("photos/out", "one lies in the other"),
        (".", "one lies in the other"),
    ],
)
def test_nothing_of_the_users_is_replaced(model, photos, tmp_path, out, message):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/thesis.txt").write_text("all of it")
    done = segment(model, photos, tmp_path / out)
    assert done.returncode == 1 and message in done.stderr
    assert (tmp_path / "full/thesis.txt").exists() and len(list(photos.iterdir())) == 5


def test_a_folder_without_photos_and_another_choice_are_refused(model, photos, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "holds no photo (.jpg" in segment(model, tmp_path / "empty", tmp_path / "out").stderr
    assert "no such folder" in segment(model, tmp_path / "none", tmp_path / "out").stderr
    assert "choose fail or list" in segment(model, photos, tmp_path / "out", "--bad-files", "skip").stderr
    assert "give pixels, or 0" in segment(model, photos, tmp_path / "out", "--longest-side", -1).stderr
    assert not (tmp_path / "out").exists()
