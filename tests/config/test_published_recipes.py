"""Recipes from seeds to masks: what params.yaml has of them, and what the published programs do."""

from __future__ import annotations

import json

import pytest
from paths import GOLDEN, REPOSITORY

from wsss.config import load_parameters

PUBLISHED = json.loads((GOLDEN / "published_recipes.json").read_text())  # as the published programs run


@pytest.mark.parametrize(
    ("recipe", "variant"),
    [
        ("psa", "recipe=psa"),
        ("psa", "backbone=resnet38"),  # the default of CNNs
        ("mctformer", "main"),  # of transformers
        ("mctformer", "backbone=resnet38,recipe=mctformer"),
    ],
)
@pytest.mark.parametrize("dataset", ["voc", "coco"])
def test_a_recipe_is_what_the_published_programs_do(recipe, variant, dataset):
    published, parameters = PUBLISHED[recipe], load_parameters(REPOSITORY / "params.yaml", dataset, variant)
    optimizer, labels, mask = parameters.affinity.optimizer, parameters.affinity_labels, parameters.mask
    assert parameters.affinity.epochs == published["epochs"]
    assert [optimizer.lr, optimizer.lr * optimizer.new_layer_lr] == pytest.approx(published["lr"][::2])
    assert parameters.affinity.radius == published["radius"]
    of_labels = published["affinity_labels"]
    assert (labels.low_alpha, labels.high_alpha) == (of_labels["alpha_low"], of_labels["alpha_high"])
    gaussian, bilateral = of_labels["crf"]["gaussian"], of_labels["crf"]["bilateral"]
    assert dict(labels.crf) == {
        "iterations": of_labels["crf"]["iterations"],
        "gaussian_sxy": gaussian["sxy"],
        "gaussian_compat": gaussian["compat"],
        "bilateral_sxy": bilateral["sxy"],
        "bilateral_srgb": bilateral["srgb"],
        "bilateral_compat": bilateral["compat"],
    }
    background = {"power": f"(1 - max)^{mask.background_alpha or 0:g}", "constant": f"constant {mask.background_score}"}
    walk = {"background": background[mask.background], "beta": mask.beta, "log_t": mask.log_t}
    assert walk == published["walk"]
    assert (parameters.extract.normalize == "min_max") == published["normalisation"].startswith("per class: (x - min)")


def test_irns_walk_is_the_published_one():
    published, parameters = PUBLISHED["irn"]["walk"], load_parameters(REPOSITORY / "params.yaml", "voc", "recipe=irn")
    mask = parameters.mask
    assert (parameters.affinity.radius, mask.beta, mask.log_t) == tuple(
        published[k] for k in ("radius", "beta", "log_t")
    )
    assert mask.background == "irn" and published["background"].startswith(f"constant {mask.irn_score}, after the walk")
