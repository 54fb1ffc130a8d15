"""One name for one setting, and for each stage only what reaches it."""

from __future__ import annotations

import pytest
from small import params

from wsss.config import STAGES
from wsss.config.resolve import resolve
from wsss.config.stage_variant import canonical_variant, stage_variant
from wsss.config.variant import split_variant
from wsss.errors import InputError


def canonical(variant: str, dataset: str = "toy") -> str:
    return canonical_variant(split_variant(variant), params(), dataset)


@pytest.mark.parametrize(
    "variant", ["main", "tau1=1", "tau1=1.0,mask.beta=8", "seed.mapping=cm", "backbone=tiny_transformer"]
)
def test_variant_equal_to_main_is_main(variant):
    assert canonical(variant) == "main"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("mask.beta=4,tau1=0.5", "tau1=0.5,mask.beta=4"),
        ("tau1=0.50", "seed.tau1=0.5"),
        ("optimizer.lr=1e-3", "optimizer.lr=0.001"),
        ("tau1=2", "tau1=2.0"),
        ("extract.scales=1+2", "extract.scales=1.0+2.0"),
    ],
)
def test_one_setting_has_one_name(one, other):
    assert canonical(one) == canonical(other) != "main"


def test_override_without_effect_is_dropped():
    assert canonical("regularization=none,schedule=linear,tau2=0.2") == "regularization=none"
    assert canonical("mapping=cam,tau1=7") == "mapping=cam"
    assert canonical("schedule=linear,schedule_momentum=0.5") == "schedule=linear"


def test_override_equal_to_the_kinds_value_is_dropped_with_the_backbone_kept():
    assert canonical("backbone=tiny_cnn,tau1=50") == "backbone=tiny_cnn"
    assert canonical("backbone=tiny_cnn,tau1=1") == "backbone=tiny_cnn,tau1=1"


def test_same_override_means_what_its_data_set_makes_of_it():
    assert canonical("tau1=20", "own") == "main"
    assert canonical("tau1=20", "toy") == "tau1=20"


def test_canonical_name_stands_for_the_same_parameters():
    variant = "backbone=tiny_cnn,tau1=0.1234567,mask.beta=3,predict.crf=null,extract.scales=1+0.25"
    assert resolve(params(), "toy", canonical(variant)) == resolve(params(), "toy", variant)
    assert canonical(canonical(variant)) == canonical(variant)


def test_stage_runs_under_the_overrides_that_reach_it():
    variant = "predict.crf=null,mask.beta=4,extract.flip=false,tau1=0.5"
    names = {stage: stage_variant(variant, stage, params(), "toy") for stage in STAGES}
    assert names["prepare_data"] == "main"
    assert names["train_seed"] == "tau1=0.5"
    assert names["extract_seed"] == names["train_affinity"] == "extract.flip=false,tau1=0.5"
    assert names["make_mask"] == names["train_segmentation"] == "extract.flip=false,mask.beta=4,tau1=0.5"
    assert names["predict"] == "extract.flip=false,mask.beta=4,predict.crf=null,tau1=0.5"


def test_stages_after_true_masks_do_not_depend_on_seeds():
    variant = "segmentation.supervision=ground_truth,segmentation.epochs=2,tau1=0.5,mask.beta=4"
    expected = "segmentation.epochs=2,segmentation.supervision=ground_truth"
    assert stage_variant(variant, "train_segmentation", params(), "toy") == expected
    assert stage_variant(variant, "evaluate_val", params(), "toy") == expected
    assert stage_variant(variant, "make_mask", params(), "toy") == "mask.beta=4,tau1=0.5"


def test_a_variant_that_no_stage_could_run_is_refused_at_every_stage():
    with pytest.raises(InputError, match="unknown key"):
        stage_variant("mask.betta=4", "train_seed", params(), "toy")


def test_a_recipe_that_changes_nothing_of_a_stage_is_no_part_of_its_name():
    """The recipes of the small params.yaml differ in the seeds' normalisation and in the mask."""
    tree = params()
    assert canonical("recipe=psa") == "main"
    assert stage_variant("recipe=mctformer", "train_seed", tree, "toy") == "main"
    for stage in ("extract_seed", "evaluate_seed", "make_mask", "predict"):
        assert stage_variant("recipe=mctformer", stage, tree, "toy") == "recipe=mctformer"
    tree["recipes"]["irn"] = {"extract": {"normalize": "max"}, "mask": {"background": "irn", "beta": 10, "log_t": 2}}
    for stage in ("extract_seed", "train_affinity"):
        assert stage_variant("recipe=irn,tau1=2", stage, tree, "toy") == "tau1=2"
    assert stage_variant("recipe=irn,tau1=2", "make_mask", tree, "toy") == "recipe=irn,tau1=2"
    truth = "recipe=irn,segmentation.supervision=ground_truth"
    assert stage_variant(truth, "predict", tree, "toy") == "segmentation.supervision=ground_truth"


def test_a_value_that_the_recipe_has_is_dropped_and_the_recipe_stays():
    assert canonical("recipe=mctformer,mask.log_t=1") == "recipe=mctformer"
    assert canonical("recipe=mctformer,mask.background_alpha=4") == "recipe=mctformer"
    assert canonical("backbone=tiny_cnn,recipe=mctformer") == "backbone=tiny_cnn"
