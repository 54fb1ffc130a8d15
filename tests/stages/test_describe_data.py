"""The program that looks at photos and labels: what it says, and what it writes into params.yaml."""

from __future__ import annotations

import shutil

import pytest
from paths import REPOSITORY
from PIL import Image
from program import run_program

from wsss.config import load_parameters


@pytest.fixture
def photos(tmp_path):
    """Thirty photos, a label without a photo, a photo without a label, and the project's params.yaml."""
    shutil.copy(REPOSITORY / "params.yaml", tmp_path / "params.yaml")
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(30):
        Image.new("RGB", (8, 6)).save(folder / f"{number}.jpg")
    rows = [f"{number}.jpg,{'cat' if number < 25 else 'dog|cat'}" for number in range(1, 30)]
    (folder / "labels.csv").write_text("\n".join(["file,labels", *rows, "none.jpg,cat"]))
    return folder


def described(photos, *arguments):
    return run_program("describe_data", photos, "--name", "mine", "--params", photos.parent / "params.yaml", *arguments)


def test_it_says_what_is_there_and_what_is_missing_on_either_side(photos):
    done = described(photos, "--labels", photos / "labels.csv")
    assert done.returncode == 0, done.stderr
    assert "30 photos, 29 of them labelled, 2 classes" in done.stdout
    assert "train: 26, unlabelled: 1, val: 3" in done.stdout
    assert "photos without a label: 1 (0)" in done.stdout and "labels without a photo: 1 (none.jpg)" in done.stdout
    assert "few" in next(line for line in done.stdout.splitlines() if "dog " in line)
    assert "snakemake --cores all results/mine/main/mask_quality.json" in done.stdout
    assert "_val_miou.json" not in done.stdout
    assert "Networks: deit_small_patch16_224, resnet38, as the paper's; smaller ones:" in done.stdout


def test_the_variables_that_its_networks_need_are_named(photos):
    done = described(photos, "--labels", photos / "labels.csv", "--like", "photos")
    assert "Networks: tf_efficientnet_lite0; set WSSS_WEIGHTS to the file of their weights" in done.stdout


def test_a_taken_name_is_refused_before_anything_is_looked_at(photos):
    arguments = (photos, "--labels", photos / "labels.csv", "--params", photos.parent / "params.yaml")
    done = run_program("describe_data", *arguments, "--name", "mini")
    assert done.returncode == 1 and done.stdout == "" and "there is a data set 'mini' already" in done.stderr


def test_the_entry_runs_and_every_other_line_stays(photos):
    params = photos.parent / "params.yaml"
    before = params.read_text()
    assert described(photos, "--labels", photos / "labels.csv", "--like", "mini").returncode == 0
    assert params.read_text().startswith(before)
    parameters = load_parameters(params, "mine", "main")
    assert (parameters.data.root, parameters.data.labels) == (str(photos), "labels.csv")
    assert parameters.data.splits.model_dump() == {
        "train": "train",
        "evaluate": None,
        "val": "val",
        "test": "unlabelled",
    }
    assert parameters.mask.background == "auto" and parameters.segmentation.backbone == "tiny_cnn"
    assert parameters.compare.val_experiments == {}


def test_the_entry_stands_among_the_data_sets_wherever_they_are(photos):
    params = photos.parent / "params.yaml"
    before, start, after = params.read_text().partition("\nheads:")
    entries, datasets = after.split("\ndatasets:\n")
    params.write_text(f"{before}\ndatasets:\n{datasets}\nheads:{entries}\n")
    assert described(photos, "--labels", photos / "labels.csv", "--val", "0").returncode == 0
    assert load_parameters(params, "mine", "main").data.splits.val is None
    assert load_parameters(params, "mini", "main")


def test_folders_of_classes_need_no_labels(photos):
    for number in range(30):
        target = photos / ("cat" if number % 2 else "dog") / f"{number}.jpg"
        target.parent.mkdir(exist_ok=True)
        (photos / f"{number}.jpg").rename(target)
    done = described(photos)
    assert done.returncode == 0 and "30 photos, 30 of them labelled, 2 classes" in done.stdout, done.stderr
    assert load_parameters(photos.parent / "params.yaml", "mine", "main").data.labels == "."


def test_true_masks_are_measured_on_where_they_are(photos):
    (photos / "masks").mkdir()
    for number in (1, 2):
        Image.new("L", (8, 6)).save(photos / f"masks/{number}.png")
    given = ("--labels", photos / "labels.csv", "--masks", photos / "masks")
    assert "give --classes" in described(photos, *given).stderr
    done = described(photos, *given, "--classes", "cat", "dog")
    assert "2 photos have a true mask" in done.stdout, done.stderr
    data = load_parameters(photos.parent / "params.yaml", "mine", "main").data
    assert data.measures("evaluate") and data.masks == "masks" and data.classes == ["cat", "dog"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--labels", "nowhere.csv"), "nowhere.csv: no such file"),
        (("--like", "minni"), "--like minni: not under datasets:"),
        (("--name", "mini"), "there is a data set 'mini' already"),
        (("--name", "my photos"), "--name: 'my photos' cannot be the name of a data set"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(photos, arguments, message):
    before = (photos.parent / "params.yaml").read_text()
    done = described(photos, "--labels", photos / "labels.csv", *arguments)
    assert done.returncode == 1 and message in done.stderr and "Traceback" not in done.stderr
    assert (photos.parent / "params.yaml").read_text() == before
