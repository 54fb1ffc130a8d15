"""What a training starts from."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import seed_settings

from wsss.errors import InputError
from wsss.training.train_stage import start_weights


def test_weights_are_a_file_with_its_variables_expanded_or_imagenet_or_none(monkeypatch):
    monkeypatch.setenv("HERE", "/weights")
    assert start_weights("seed", seed_settings(weights="${HERE}/w.pth")) == Path("/weights/w.pth")
    assert start_weights("seed", seed_settings(weights="imagenet")) == "imagenet"
    assert start_weights("seed", seed_settings(weights=None)) is None
    monkeypatch.delenv("HERE")
    with pytest.raises(InputError, match="seed.weights .*HERE"):
        start_weights("seed", seed_settings(weights="${HERE}/w.pth"))
