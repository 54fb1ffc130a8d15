"""Reading params.yaml: what YAML would take another way, and what is no YAML."""

from __future__ import annotations

import pytest
from small import PARAMS

from wsss.config import read_params
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
