"""CONTRIBUTING.md: its recipes, followed word by word in a copy of the tree, give something that runs."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml
from paths import REPOSITORY
from PIL import Image
from project import Project, small_params
from recipes import read_recipes

from wsss.data.prepared import PreparedDataset
from wsss.files import write_mask

PAGE = (REPOSITORY / "CONTRIBUTING.md").read_text()
RECIPES = read_recipes(PAGE)
STEPS = r"^(?:Write `.*`:|In `.*:|Run:)$"  # the beginnings of what `recipes` should have understood


def follow(title, root, before=()):
    """Return a copy of the project, small enough to train, in which one recipe has been followed.

    `before` are targets that are made before that.
    """
    ignored = shutil.ignore_patterns("__pycache__", "golden", ".venv", ".git")
    for folder in ("wsss", "stages"):
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("docs", "tests"):
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=ignored)
    shutil.copy(REPOSITORY / "params.yaml", root / "params.yaml")
    project = Project(root, None)
    if before:
        original = (root / "params.yaml").read_text()
        project.write_params(_small(yaml.safe_load(original)))
        for target in before:
            made(project, target)
        (root / "params.yaml").write_text(original)
    RECIPES[title].apply(root)
    for command in RECIPES[title].commands:
        done = project.run("bash", "-c", command)
        assert done.returncode == 0, done.stdout
    project.write_params(_small(yaml.safe_load((root / "params.yaml").read_text())))
    return project


def _small(params):
    """Return a recipe's params.yaml with the sizes of `small_params`, and what the recipe has added to it."""
    return params | {"datasets": {**params["datasets"], "mini": small_params()["datasets"]["mini"]}}


def made(project, target):
    done = project.snakemake(target)
    assert done.returncode == 0, done.stdout
    return project.root / target


def test_every_step_of_every_recipe_is_understood():
    assert len(RECIPES) == 6
    assert sum(len(recipe.edits) for recipe in RECIPES.values()) == len(re.findall(STEPS, PAGE, re.MULTILINE))


@pytest.mark.slow
def test_a_mapping_with_a_parameter_of_its_own(tmp_path):
    main = "results/mini/main/seed_metrics.json"
    project = follow("A mapping, with a parameter of its own", tmp_path, before=[main, "results/mini/main/params.yaml"])
    plan = project.snakemake("-n", main, "results/mini/main/params.yaml")
    assert "Nothing to be done" in plan.stdout, plan.stdout  # the new parameter has no effect on what there was
    network = made(project, "results/mini/mapping=top,top_share=0.1/seed_network")
    assert np.isfinite(pd.read_csv(network / "curve.csv")["classification"]).all()
    made(project, "results/mini/mapping=top,top_share=0.1/seed_metrics.json")
    refused = project.snakemake("-n", "results/mini/mapping=top,top_shar=0.1/seed_metrics.json")
    assert "did you mean 'top_share'" in refused.stdout


@pytest.mark.slow
def test_a_head(tmp_path):
    project = follow("A head", tmp_path)
    variant = "segmentation.head=linear,segmentation.supervision=ground_truth"
    made(project, f"results/mini/{variant}/val_metrics.json")


@pytest.mark.slow
def test_a_layout(tmp_path):
    project = follow("A layout", tmp_path)
    for split in ("train", "val"):
        folder = tmp_path / "photos" / split
        folder.mkdir(parents=True)
        for number in (1, 2):
            mask = np.zeros((40, 50), np.uint8)
            mask[10:20, 10:20] = number
            Image.fromarray(np.full((40, 50, 3), 90 * number, np.uint8)).save(folder / f"{split}{number}.jpg")
            write_mask(folder / f"{split}{number}.png", mask)
    params = project.params
    params["datasets"]["mine"]["data"]["root"] = str(tmp_path / "photos")
    project.write_params(params)
    prepared = PreparedDataset(made(project, "data/mine"))
    assert prepared.classes == ("cat", "dog")
    assert prepared.labels(prepared.split("train")).tolist() == [[1, 0], [0, 1]]
    assert np.unique(prepared.mask("val2")).tolist() == [0, 2]
