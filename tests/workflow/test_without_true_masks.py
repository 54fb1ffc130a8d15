"""Photos with a table of labels, and not a single true mask, get to masks, a network and its predictions.

The photos are mini's, whose true masks are withheld. Each stage is run as the plan says, within the test's process.
"""

from __future__ import annotations

import csv
import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image
from planned import in_order, make, plan_here
from program import run_program
from project import Project, small_params

from wsss.data.layouts.mini import prepare_mini
from wsss.data.mini.scene import CLASSES
from wsss.files import read_mask


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Scenes and a CSV of their labels, described by the program, and everything that a plain run makes of them."""
    root = tmp_path_factory.mktemp("own")
    (root / "drawn").mkdir()
    prepare_mini(root / "drawn", 0, {"train": 12, "val": 0}, 48)
    shutil.move(root / "drawn/images", root / "photos")
    with (root / "drawn/labels.csv").open() as file, (root / "photos/labels.csv").open("w") as table:
        table.write("file,labels\n")
        for row in csv.DictReader(file):
            names = [name for name in CLASSES if row[name] == "1"]
            table.write(f"{row['id']}.png,{'|'.join(names)}\n")
    shutil.rmtree(root / "drawn")
    project = Project(root / "project", small_params() | {"dataset": "mine"})
    described = run_program(
        *("describe_data", root / "photos", "--labels", root / "photos/labels.csv", "--name", "mine"),
        *("--like", "mini", "--val", "0.25"),
        folder=project.root,
    )
    assert described.returncode == 0, described.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.root)
        plan = plan_here()
        for product in in_order(plan, [*plan.results("mine"), *plan.figures("mine")]):
            done = make(plan, product, project.root)
            assert done.returncode == 0, done.stderr
    return project


@pytest.mark.slow
def test_every_training_photo_has_a_mask_and_every_other_a_prediction(project):
    results = project.root / "results/mine/main"
    splits = {name: (project.root / f"data/mine/splits/{name}.txt").read_text().split() for name in ("train", "val")}
    assert (len(splits["train"]), len(splits["val"])) == (9, 3)
    assert not any((project.root / "data/mine/masks").iterdir())
    for folder, ids in ((results / "masks", splits["train"]), (results / "predictions/val", splits["val"])):
        assert sorted(path.stem for path in folder.glob("*.png")) == sorted(ids)
        for path in folder.glob("*.png"):
            assert Image.open(path).mode == "P" and read_mask(path).shape == (48, 48)
            assert set(np.unique(read_mask(path))) <= set(range(len(CLASSES) + 1))


@pytest.mark.slow
def test_masks_are_judged_by_what_there_is(project):
    quality = json.loads((project.root / "results/mine/main/mask_quality.json").read_text())
    assert quality["images"] == len(quality["worst_first"]) == 9
    assert quality["images_lacking_a_class"] == sum(bool(one["lacking"]) for one in quality["worst_first"])
    held_out = json.loads((project.root / "results/mine/main/label_metrics.json").read_text())
    assert quality["labels_held_out"] == {"map": held_out["map"], "images": 3} and 0 < held_out["map"] <= 100
    page = (project.root / "results/mine/main/mask_quality.html").read_text()
    assert page.count("<figure>") == 9 and page.index(quality["worst_first"][0]["id"]) > 0


@pytest.mark.slow
def test_the_overview_has_no_column_of_true_masks(project):
    with Image.open(project.root / "results/mine/figures/overview.png") as picture:
        assert 900 < picture.width < 1200  # seven columns of an inch of 160 pixels, where mini has nine


@pytest.mark.slow
def test_the_default_target_asks_for_nothing_that_needs_true_masks(project):
    done = project.snakemake("-n")
    assert done.returncode == 0 and "rule write_provenance:" in done.stdout, done.stdout
    assert not re.search(r"rule (evaluate_\w+|val_miou|plot_(thresholds|classes|confusion)):", done.stdout)
