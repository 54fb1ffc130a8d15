"""A segmentation network from its folder: as stages/predict.py, of whatever is given."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from paths import REPOSITORY
from PIL import Image

import wsss
from stages.predict import run as predict
from wsss.errors import InputError
from wsss.exported.segmenter import enlarged, load_segmenter, winners
from wsss.files import read_mask


@pytest.fixture(scope="module")
def segmenter(model):
    return wsss.load_segmenter(model)


@pytest.mark.parametrize("crf", ["with", "without"])
def test_masks_are_those_of_predict(crf, dataset, parameters, segmentation_network, model, tmp_path):
    if crf == "without":
        parameters = parameters.model_copy(update={"predict": parameters.predict.model_copy(update={"crf": None})})
        written = json.loads((model / "model.json").read_text())
        model = shutil.copytree(model, tmp_path / "model")
        (model / "model.json").write_text(json.dumps(written | {"inference": parameters.predict.model_dump()}))
    out = tmp_path / "predictions"
    predict(parameters, data=dataset.root, network=segmentation_network, split="val", out=out, threads=1)
    segmenter, seen = wsss.load_segmenter(model), set()
    for name in dataset.split("val"):
        predicted = read_mask(out / f"{name}.png")
        seen |= set(np.unique(predicted))
        for photo in (dataset.image_path(name), str(dataset.image_path(name)), dataset.image(name)):
            assert np.array_equal(segmenter(photo).mask, predicted)
        assert np.array_equal(segmenter(Image.open(dataset.image_path(name))).mask, predicted)
    assert len(seen) > 1  # or any mask would do


def test_probabilities_add_up_to_one_and_the_largest_is_the_masks(segmenter, dataset):
    mask, probabilities = segmenter(dataset.image("i0"))
    assert mask.shape == (32, 40) and mask.dtype == np.uint8
    assert probabilities.shape == (4, 32, 40) and probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(0), 1, atol=1e-5)
    assert np.array_equal(probabilities.argmax(0), mask)


def test_neither_the_data_set_nor_the_project_is_needed(model, dataset, segmenter, tmp_path, monkeypatch):
    moved = shutil.copytree(model, tmp_path / "elsewhere/anything")
    monkeypatch.chdir(tmp_path / "elsewhere")
    photo = dataset.image("i1")
    assert np.array_equal(wsss.load_segmenter(Path("anything"))(photo).mask, segmenter(photo).mask)
    assert moved.is_dir() and segmenter.classes == ("class1", "class2", "class3")


def test_a_photo_is_turned_as_its_exif_says(segmenter, dataset, tmp_path):
    upright, exif = Image.open(dataset.image_path("i2")), Image.Exif()
    exif[0x0112] = 6  # to be turned to the right by 90 degrees
    upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(segmenter(tmp_path / "turned.png").mask, segmenter(upright).mask)


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (97, 61), (500, 333)])
def test_any_size_gives_a_mask_of_that_size(segmenter, size):
    photo = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    mask, probabilities = segmenter(photo)
    assert mask.shape == size and probabilities.shape == (4, *size)


def test_a_large_photo_is_seen_as_large_as_those_of_the_data_set(segmenter, dataset):
    assert segmenter.model.images.longest_side == 40
    photo = np.asarray(Image.fromarray(dataset.image("i0")).resize((160, 128), Image.Resampling.NEAREST))
    seen = np.asarray(Image.fromarray(photo).resize((40, 32), Image.Resampling.BICUBIC))
    small, large = segmenter(seen).probabilities, segmenter(photo).probabilities
    assert np.allclose(large, enlarged(small, (128, 160)))
    as_it_is = segmenter(photo, longest_side=0).probabilities
    assert as_it_is.shape == large.shape and not np.allclose(as_it_is, large, atol=0.1)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_images_of_every_mode_are_taken(segmenter, dataset, mode):
    assert segmenter(Image.open(dataset.image_path("i0")).convert(mode)).mask.shape == (32, 40)


@pytest.mark.parametrize("photo", [np.zeros((4, 4, 3)), np.zeros((3, 4, 5), np.uint8), np.zeros((0, 4, 3), np.uint8)])
def test_arrays_that_are_no_photos_are_refused(segmenter, photo):
    with pytest.raises(ValueError, match=r"a photo is \(H, W, 3\) uint8 RGB"):
        segmenter(photo)


def test_a_file_that_is_missing_is_named(segmenter):
    with pytest.raises(InputError, match="nowhere.jpg: no such file"):
        segmenter("nowhere.jpg")


def test_the_winner_at_full_size_is_that_of_the_enlarged_maps():
    maps = np.random.default_rng(0).random((5, 6, 8)).astype(np.float32)
    assert np.array_equal(winners(maps, (25, 31)), enlarged(maps, (25, 31)).argmax(0))
    assert np.array_equal(winners(maps, (6, 8)), maps.argmax(0))


def test_importing_wsss_imports_no_torch():
    program = "import sys, wsss; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=REPOSITORY)
    assert done.stdout.strip() == "False", done.stderr
    assert wsss.load_segmenter is load_segmenter
    with pytest.raises(AttributeError, match="load_segmentr"):
        wsss.load_segmentr  # noqa: B018


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 2}, "format 2, and this version of wsss reads 1"),
        ({"makes": "seeds"}, "a network that makes seeds, not masks; use load_seeder"),
        ({"classes": "cat"}, "model.json: classes: Input should be a valid list"),
        ({"classes": ["cat"]}, "network.safetensors: weights of another network"),
    ],
    ids=["format", "seeds", "classes", "weights"],
)
def test_another_folder_is_refused_by_name(model, tmp_path, change, message):
    folder = shutil.copytree(model, tmp_path / "model")
    written = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(written | change))
    with pytest.raises(InputError, match=message):
        wsss.load_segmenter(folder)


def test_a_folder_that_is_none_is_refused_with_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match=r"no model\.json; make one: snakemake --cores 8 results/mini/main/model"):
        wsss.load_segmenter(tmp_path)
