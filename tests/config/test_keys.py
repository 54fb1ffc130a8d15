"""Keys of params.yaml that are none are refused where they stand."""

from __future__ import annotations

import pytest
from small import PARAMS, params

from wsss.config import read_params
from wsss.config.keys import check_params
from wsss.config.resolve import resolve
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
        ("  cnn:\n    recipe: mctformer\n    seed:", "  cnn:\n    sed:", "kinds.cnn: unknown key 'sed'", "'seed'"),
        ("tau1: 50", "tau11: 50", "kinds.cnn.seed: unknown key 'tau11'", "'tau1'"),
        ("      scenes:", "      scens:", "datasets.toy.data: unknown key 'scens'", "'scenes'"),
        (
            "    seed:\n      backbone: tiny_cnn",
            "    sead:\n      backbone: x",
            "datasets.own: unknown key 'sead'",
            "'seed'",
        ),
        ("tau1: 20", "tau11: 20", "datasets.own.kinds.cnn.seed: unknown key 'tau11'", "'tau1'"),
        ("recipe: psa", "recpe: psa", "kinds.transformer: unknown key 'recpe'", "'recipe'"),
        ("recipes:\n  psa: { extract", "recipes:\n  psa: { extrct", "recipes.psa: unknown key 'extrct'", "'extract'"),
        ("normalize: max", "normalise: max", "recipes.psa.extract: unknown key 'normalise'", "'normalize'"),
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


@pytest.mark.parametrize("name", ["my photos", "a/b", "x'y", "$HOME", "-x", ".hidden", "a\nb", "tables", 2012, True])
def test_a_data_set_of_a_name_that_no_path_can_carry_is_refused(name):
    tree = params()
    tree["datasets"][name] = tree["datasets"]["toy"]
    with pytest.raises(InputError, match="datasets: ") as refused:
        check_params(tree, "params.yaml")
    assert repr(name) in str(refused.value)


@pytest.mark.parametrize("name", ["größe", "voc-2012", "a.b", "2012_x", "_mine"])
def test_a_data_set_may_have_any_plain_name(name):
    tree = params()
    tree["datasets"][name] = tree["datasets"]["toy"]
    assert name in check_params(tree, "params.yaml")["datasets"]


@pytest.mark.parametrize("label", ["a=b", "with/CRF", "", " x", "a\nb"])
def test_a_label_that_a_command_line_would_cut_in_two_is_refused(label):
    tree = params()
    tree["compare"] = {"seed_experiments": {label: "mapping=cam"}, "val_experiments": {}}
    with pytest.raises(InputError, match=r"compare\.seed_experiments.*cannot be a label"):
        resolve(check_params(tree, "params.yaml"), "toy", "main")
