"""The blocks that a stage depends on."""

from __future__ import annotations

from small import params

from wsss.config import blocks_of
from wsss.config.resolve import resolve


def test_ground_truth_cuts_off_what_leads_to_the_seeds():
    def blocks(stage, **overrides):
        overrides = {f"segmentation.{key}": value for key, value in overrides.items()}
        return blocks_of(stage, resolve(params(), "toy", overrides))

    assert blocks("train_segmentation", supervision="ground_truth") == ("data", "segmentation")
    assert blocks("predict", supervision="ground_truth") == ("data", "segmentation", "predict")
    assert blocks("make_mask", supervision="ground_truth") == blocks("make_mask")
    start = {"weights": "seed_network", "backbone": "tiny_transformer", "supervision": "ground_truth"}
    assert blocks("train_segmentation", **start) == ("data", "seed", "segmentation")
