"""Keys of params.yaml that are none are refused where they stand."""

from __future__ import annotations

import pytest
from small import PARAMS

from wsss.config import read_params
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
