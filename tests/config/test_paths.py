"""Variables in the paths of params.yaml."""

from __future__ import annotations

import pytest

from wsss.config.paths import expand_path
from wsss.errors import InputError


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_variable_in_a_path_is_expanded(monkeypatch):
    monkeypatch.setenv("SOMEWHERE", "/photos")
    assert str(expand_path("$SOMEWHERE/voc", "data.root")) == "/photos/voc"


def test_a_path_with_a_dollar_that_is_there_is_that_path(tmp_path, monkeypatch):
    (tmp_path / "a$b").mkdir()
    assert expand_path(str(tmp_path / "a$b"), "data.root") == tmp_path / "a$b"
    monkeypatch.setenv("c", "x")
    assert expand_path(str(tmp_path / "a$c"), "data.root") == tmp_path / "ax"


def test_unset_variable_names_key_and_variable(monkeypatch):
    monkeypatch.delenv("SOMEWHERE", raising=False)
    message = refusal(expand_path, "$SOMEWHERE/voc", "datasets.own.data.root")
    assert "datasets.own.data.root" in message and "SOMEWHERE" in message
