"""Settings that follow the head of the segmentation network."""

from __future__ import annotations

import pytest
from paths import REPOSITORY


@pytest.mark.parametrize(("head", "epochs", "merge"), [("large_fov", 30, "max"), ("aspp", 19, "mean")])
def test_published_settings_follow_the_head(head, epochs, merge):
    from wsss.config import load_parameters

    parameters = load_parameters(REPOSITORY / "params.yaml", "voc", f"segmentation.head={head}")
    assert (parameters.segmentation.epochs, parameters.predict.merge) == (epochs, merge)
