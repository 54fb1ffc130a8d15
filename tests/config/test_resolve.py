"""params.yaml: layers, and what is refused before anything runs."""

from __future__ import annotations

import pytest
from small import PARAMS, params

from wsss.config import blocks_of, load_parameters, read_params
from wsss.config.blocks import Data, Seed
from wsss.config.choices import (
    BACKBONES,
    CONDITIONAL_KEYS,
    HEADS,
    LAYOUTS,
    MAPPINGS,
    REGULARIZATIONS,
    SCHEDULES,
)
from wsss.config.paths import expand_path
from wsss.config.resolve import resolve
from wsss.config.yaml_text import load_yaml
from wsss.errors import InputError


def read(tmp_path, old: str, new: str) -> dict:
    """Read the small params.yaml with its first `old` replaced."""
    assert old in PARAMS
    path = tmp_path / "params.yaml"
    path.write_text(PARAMS.replace(old, new, 1))
    return read_params(path)


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "named", "nearest"),
    [
        ("\nextract:", "\nextrct:", "'extrct'", "'extract'"),
        ("  tau2:", "  tau22:", "seed: unknown key 'tau22'", "'tau2'"),
        ("crop_size: 32", "crop_sise: 32", "seed.augmentation: unknown key 'crop_sise'", "'crop_size'"),
        ("  cnn:", "  cn:", "kinds: unknown key 'cn'", "'cnn'"),
        ("  cnn:\n    seed:", "  cnn:\n    sed:", "kinds.cnn: unknown key 'sed'", "'seed'"),
        ("tau1: 50", "tau11: 50", "kinds.cnn.seed: unknown key 'tau11'", "'tau1'"),
        ("      scenes:", "      scens:", "datasets.toy.data: unknown key 'scens'", "'scenes'"),
        (
            "    seed:\n      backbone: tiny_cnn",
            "    sead:\n      backbone: x",
            "datasets.own: unknown key 'sead'",
            "'seed'",
        ),
        ("tau1: 20", "tau11: 20", "datasets.own.kinds.cnn.seed: unknown key 'tau11'", "'tau1'"),
        ("crf: { iterations", "crf: { iteration", "affinity_labels.crf: unknown key 'iteration'", "'iterations'"),
    ],
)
def test_unknown_key_at_any_level_names_the_nearest(tmp_path, old, new, named, nearest):
    message = refusal(read, tmp_path, old, new)
    assert named in message and f"did you mean {nearest}?" in message


def test_data_is_no_block_of_all_data_sets(tmp_path):
    assert "unknown key 'data'" in refusal(read, tmp_path, "\nmask:", "\ndata: { layout: mini }\nmask:")


@pytest.mark.parametrize(("old", "new"), [("\nmask: {", "\nmask: 4 # {"), ("\nmask: {", "\nmask: # {")])
def test_block_without_keys_is_refused_by_name(tmp_path, old, new):
    assert "mask: expected keys and values" in refusal(read, tmp_path, old, new)


def test_key_given_twice_is_refused(tmp_path):
    message = refusal(read, tmp_path, "  tau2: 0.1\n", "  tau2: 0.1\n  tau2: 0.2\n")
    assert "'tau2' is given twice" in message


def test_text_that_is_not_yaml_is_refused(tmp_path):
    assert "params.yaml: not YAML" in refusal(read, tmp_path, "seed:", "seed: [")


def test_missing_file_says_what_to_do(tmp_path):
    assert "--params" in refusal(read_params, tmp_path / "params.yaml")


@pytest.mark.parametrize("text", ["1e-4", "1.e-4", "1.0e-4", "0.0001", "+1e-4"])
def test_numbers_with_an_exponent_are_numbers(text):
    assert load_yaml(f"lr: {text}") == {"lr": 0.0001}


@pytest.mark.parametrize("text", ["e5", "1e", "v1e-4", "1e-4x"])
def test_names_that_look_like_numbers_stay_names(text):
    assert load_yaml(f"x: {text}") == {"x": text}


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
    ],
)
def test_wrong_type_or_range_names_key_and_value(key, value):
    message = refusal(resolve, params(), "toy", {key: value})
    assert message.startswith(key)


def test_wrong_choice_names_the_nearest():
    message = refusal(resolve, params(), "toy", "schedule=self_adaptiv")
    assert message == "seed.schedule: 'self_adaptiv' is not a choice; did you mean 'self_adaptive'?"


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


def test_unknown_data_set_names_the_nearest():
    assert "did you mean 'toy'?" in refusal(resolve, params(), "toi", "main")


def test_layout_refuses_the_other_layouts_keys():
    tree = params()
    tree["datasets"]["toy"]["data"]["root"] = "somewhere"
    assert refusal(resolve, tree, "toy", "main").startswith("data: layout 'mini' takes")


def layered(own_kind=None, own=None, base=None, variant="main", backbone="tiny_transformer") -> float:
    tree = params()
    tree["seed"]["backbone"] = backbone
    if base is not None:
        tree["seed"]["tau1"] = base
    if own_kind is not None:
        tree["datasets"]["toy"]["kinds"] = {"transformer": {"seed": {"tau1": own_kind}}}
    if own is not None:
        tree["datasets"]["toy"]["seed"] = {"tau1": own}
    return resolve(tree, "toy", variant).seed.tau1


def test_later_layers_win():
    assert layered() == 1  # kinds
    assert layered(base=2) == 2  # < the blocks
    assert layered(base=2, own_kind=3) == 3  # < the data set's kinds
    assert layered(base=2, own_kind=3, own=4) == 4  # < the data set's blocks
    assert layered(base=2, own_kind=3, own=4, variant="tau1=5") == 5  # < the variant


def test_a_layer_changes_the_keys_that_it_names_and_no_other():
    settings = resolve(params(), "toy", "optimizer.lr=1e-4").seed.optimizer
    assert (settings.lr, settings.name, settings.weight_decay) == (1e-4, "adamw", 0.1)


def test_kind_follows_the_variants_backbone():
    parameters = resolve(params(), "toy", "backbone=resnet50")
    assert (parameters.seed.tau1, parameters.seed.optimizer.name, parameters.extract.scales) == (50, "sgd", [1.0, 0.5])


def test_kind_follows_the_data_sets_backbone():
    parameters = resolve(params(), "own", "main")
    assert (parameters.seed.tau1, parameters.seed.epochs, parameters.extract.patch_affinity) == (20, 7, False)


def test_resolving_leaves_params_as_they_were():
    tree = params()
    resolve(tree, "own", "optimizer.lr=0.5,extract.scales=1+2")
    assert tree == params()


def test_parameters_without_effect_are_null():
    seed = resolve(params(), "toy", "mapping=cam,regularization=none").seed
    assert (seed.tau1, seed.tau2, seed.schedule, seed.schedule_momentum, seed.regularization_weight) == (None,) * 5
    assert resolve(params(), "toy", "schedule=linear").seed.schedule_momentum is None


@pytest.mark.parametrize(
    ("regularization", "kept"),
    [
        ("gt", {"gt_scale", "tau2", "regularization_weight"}),
        ("oaa", {"oaa_resolution", "tau2", "regularization_weight"}),
        ("none", set()),
    ],
)
def test_each_regularization_keeps_what_it_reads_and_forgets_the_rest(regularization, kept):
    seed = resolve(params(), "toy", f"regularization={regularization}").seed
    ours = {"gt_scale", "oaa_resolution", "tau2", "regularization_weight", "ema_decay", "schedule", "schedule_momentum"}
    ours |= {"teacher_drop_path", "drop_path_low", "drop_path_high", "dropout_low", "dropout_high"}
    assert {key for key in ours if getattr(seed, key) is not None} == kept


@pytest.mark.parametrize("table", [MAPPINGS, REGULARIZATIONS, SCHEDULES, HEADS, LAYOUTS, BACKBONES])
def test_every_choice_loads_what_it_names(table):
    for choice in table.values():
        assert callable(choice.load()), choice


def test_conditional_keys_are_keys_of_the_block():
    assert set(Seed.model_fields) >= CONDITIONAL_KEYS
    assert all(set(Data.model_fields) >= {*layout.keys, *layout.needs} for layout in LAYOUTS.values())


def test_variable_in_a_path_is_expanded(monkeypatch):
    monkeypatch.setenv("SOMEWHERE", "/photos")
    assert str(expand_path("${SOMEWHERE}/voc", "data.root")) == "/photos/voc"


def test_unset_variable_names_key_and_variable(monkeypatch):
    monkeypatch.delenv("SOMEWHERE", raising=False)
    message = refusal(expand_path, "${SOMEWHERE}/voc", "datasets.own.data.root")
    assert "datasets.own.data.root" in message and "SOMEWHERE" in message


def test_ground_truth_cuts_off_what_leads_to_the_seeds():
    def blocks(stage, **overrides):
        overrides = {f"segmentation.{key}": value for key, value in overrides.items()}
        return blocks_of(stage, resolve(params(), "toy", overrides).segmentation)

    assert blocks("train_segmentation", supervision="ground_truth") == ("data", "segmentation")
    assert blocks("predict", supervision="ground_truth") == ("data", "segmentation", "predict")
    assert blocks("make_mask", supervision="ground_truth") == blocks("make_mask")
    start = {"weights": "seed_network", "backbone": "tiny_transformer", "supervision": "ground_truth"}
    assert blocks("train_segmentation", **start) == ("data", "seed", "segmentation")


def test_blocks_as_plain_values_give_the_parameters_back():
    parameters = resolve(params(), "toy", "main")
    assert parameters.blocks(("mask",)) == {"mask": {"background_alpha": 16.0, "beta": 8.0, "log_t": 2}}


def test_the_projects_params_resolve_for_every_data_set_and_kind():
    for dataset in read_params("params.yaml")["datasets"]:
        for variant in ("main", "backbone=tiny_cnn", "backbone=deit_small_patch16_224", "mapping=cam"):
            assert load_parameters("params.yaml", dataset, variant).dataset == dataset
