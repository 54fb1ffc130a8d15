"""Values of params.yaml that are of the wrong type, out of range, missing, or do not go together."""

from __future__ import annotations

import pytest
from paths import REPOSITORY
from small import params

from wsss.config.blocks import Jobs, Watch
from wsss.config.resolve import read_params, resolve
from wsss.errors import InputError


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed.epochs", "many"),
        ("seed.epochs", 2.5),
        ("seed.epochs", True),
        ("seed.tau1", True),
        ("seed.tau1", "1"),
        ("seed.tau1", 0),
        ("seed.ema_decay", 1.0),
        ("extract.flip", 1),
        ("extract.scales", []),
        ("extract.scales", [1.0, -1]),
        ("seed.optimizer.lr", float("nan")),
        ("mask.log_t", -1),
        ("mask.background", 0.39),
        ("extract.normalize", "maximum"),
    ],
)
def test_wrong_type_or_range_names_key_and_value(key, value):
    message = refusal(resolve, params(), "toy", {key: value})
    assert message.startswith(f"in the variant, {key}")


@pytest.mark.parametrize(
    ("layer", "key"),
    [
        ("kinds.transformer.", "seed.tau1"),
        ("recipes.psa.", "mask.log_t"),
        ("", "extract.scales"),
        ("datasets.toy.kinds.transformer.", "seed.batch_size"),
        ("datasets.toy.", "predict.scales"),
    ],
)
def test_a_wrong_value_is_told_with_the_layer_that_decides(layer, key):
    tree = params()
    inner = tree
    *parents, last = f"{layer}{key}".split(".")
    for parent in parents:
        inner = inner.setdefault(parent, {})
    inner[last] = "many"
    variant = "recipe=psa" if "psa" in layer else "main"
    assert refusal(resolve, tree, "toy", variant).startswith(f"in params.yaml, {layer}{key}")


def test_wrong_choice_names_the_nearest():
    message = refusal(resolve, params(), "toy", "schedule=self_adaptiv")
    assert message == "in the variant, seed.schedule: 'self_adaptiv' is not a choice; did you mean 'self_adaptive'?"


def test_wrong_number_lists_the_choices():
    assert "choose from" in refusal(resolve, params(), "toy", "output_stride=7")


def test_whole_number_is_a_number():
    assert resolve(params(), "toy", "tau1=2").seed.tau1 == 2.0


@pytest.mark.parametrize(
    ("variant", "what"),
    [
        ("tau1=null", "tau1 is null"),
        ("tau2=null", "tau2 is null"),
        ("schedule_momentum=null", "schedule_momentum is null"),
        ("regularization=gt,gt_scale=null", "gt_scale is null"),
        ("regularization=oaa,oaa_resolution=null", "oaa_resolution is null"),
        ("mask.background_alpha=null", "background_alpha is null, but background 'power' needs it"),
        ("mask.background=irn,mask.irn_score=null", "irn_score is null"),
        ("affinity_labels.labels=confidence", "confidence_alpha is null, but labels 'confidence' needs it"),
    ],
)
def test_null_where_a_value_is_needed_is_refused(variant, what):
    assert what in refusal(resolve, params(), "toy", variant)


@pytest.mark.parametrize("block", ["affinity", "segmentation"])
def test_augmentation_that_would_tear_photo_and_mask_apart_is_refused(block):
    assert "its mask" in refusal(resolve, params(), "toy", f"{block}.augmentation.color=deit")


@pytest.mark.parametrize("text", ["1.0+0.5", "0.5+2.0"])
def test_range_is_from_low_to_high_and_of_area_up_to_one(text):
    assert "range" in refusal(resolve, params(), "toy", f"augmentation.range={text}")


@pytest.mark.parametrize("key", ["seed.backbone", "affinity.backbone", "segmentation.backbone"])
def test_unknown_network_names_its_key_and_the_nearest(key):
    message = refusal(resolve, params(), "toy", {key: "resnt50"})
    assert message == f"{key}: no network 'resnt50'; did you mean 'resnet50'?"


def test_network_without_a_near_name_does_not_list_all_of_timm():
    assert len(refusal(resolve, params(), "toy", "backbone=qqqqqqqqqq")) < 100


def test_layout_refuses_the_other_layouts_keys():
    tree = params()
    tree["datasets"]["toy"]["data"]["root"] = "somewhere"
    assert refusal(resolve, tree, "toy", "main").startswith("in params.yaml, datasets.toy.data: layout 'mini' takes")


def test_a_score_of_the_background_is_at_most_1():
    assert "mask.background_score" in refusal(resolve, params(), "toy", "recipe=mctformer,mask.background_score=1.5")


def test_unknown_background_names_the_nearest():
    message = refusal(resolve, params(), "toy", "mask.background=constnt")
    assert message == "in the variant, mask.background: 'constnt' is not a choice; did you mean 'constant'?"


def test_what_no_result_depends_on_has_one_default():
    """An older params.yaml lacks these blocks; it gets what today's says."""
    params = read_params(REPOSITORY / "params.yaml")
    assert params["jobs"] == Jobs().model_dump() and params["watch"] == Watch().model_dump()
