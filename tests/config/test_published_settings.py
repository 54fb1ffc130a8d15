"""Settings that the published scripts really run with (tests/golden/published_training.json), and params.yaml's."""

from __future__ import annotations

import json

import pytest
from paths import GOLDEN, REPOSITORY

from wsss.config import Parameters, load_parameters

PUBLISHED = json.loads((GOLDEN / "published_training.json").read_text())
RESNET101 = "segmentation.backbone=resnet101.tv_in1k,segmentation.head=aspp"


def parameters(variant: str) -> Parameters:
    return load_parameters(REPOSITORY / "params.yaml", "voc", variant)


def crf_of(published: dict) -> dict:
    """Return a published CRF by the names of params.yaml."""
    kernels = {f"{name}_{key}": value for name in ("gaussian", "bilateral") for key, value in published[name].items()}
    return {"iterations": published["iterations"], **kernels}


@pytest.mark.parametrize(("head", "epochs", "merge"), [("large_fov", 30, "max"), ("aspp", 19, "mean")])
def test_published_settings_follow_the_head(head, epochs, merge):
    found = parameters(f"segmentation.head={head}")
    assert (found.segmentation.epochs, found.predict.merge) == (epochs, merge)


def test_resnet38_is_classified_by_as_in_psa():
    published, seed = PUBLISHED["psa_classification_resnet38"], parameters("backbone=resnet38").seed
    augmentation = published["augmentation"]
    assert (seed.epochs, seed.batch_size) == (published["epochs"], published["batch"])
    assert (seed.augmentation.resize, seed.augmentation.range) == ("long_side", augmentation["longer_side"])
    assert (seed.augmentation.crop_size, seed.augmentation.color) == (augmentation["crop"], "jitter")
    assert seed.head_dropout == published["dropout"]["dropout7"][1] and seed.freeze == "stem"


def test_affinity_net_sees_crops_that_are_not_rescaled():
    published, affinity = PUBLISHED["psa_affinitynet_resnet38"], parameters("backbone=resnet38").affinity
    assert published["augmentation"]["rescale"] is None
    assert (affinity.augmentation.resize, affinity.augmentation.range) == ("factor", [1, 1])
    assert affinity.augmentation.crop_size == published["augmentation"]["crop"]
    assert (affinity.augmentation.color, affinity.augmentation.padding) == ("jitter", "void")
    assert [affinity.epochs, affinity.batch_size, affinity.radius] == [
        published[key] for key in ("epochs", "batch", "radius")
    ]


def test_deeplab_v1_is_trained_and_tested_as_in_mctformer():
    published, found = PUBLISHED["mctformer_segmentation_resnet38"], parameters("main")
    settings, test = found.segmentation, published["test"]
    assert (settings.epochs, settings.batch_size) == (published["epochs"]["run_seg.sh"], published["batch"])
    assert settings.augmentation.model_dump() == {
        "resize": "factor",
        "range": published["augmentation"]["scale"],
        "crop_size": published["augmentation"]["crop"],
        "color": "none",
        "padding": "background",
    }
    assert "MASK 0 = background" in published["augmentation"]["padding"]
    assert (found.predict.scales, found.predict.flip, found.predict.merge) == (test["scales"], test["flip"], "max")
    assert found.predict.crf.model_dump() == crf_of(test["crf"])
    assert settings.loss_scales is None


def test_deeplab_v2_has_its_own_crf_loss_and_rates():
    found = parameters(RESNET101)
    optimizer = found.segmentation.optimizer
    assert (optimizer.momentum, optimizer.weight_decay, optimizer.lr) == (0.9, 5e-4, 2.5e-4)
    assert optimizer.new_layer_lr == 10 and optimizer.new_layer_lr * optimizer.bias_lr == 20
    assert (found.predict.crf.bilateral_sxy, found.predict.crf.bilateral_srgb, found.predict.crf.gaussian_sxy) == (
        *(67, 3, 1),
    )
    assert found.segmentation.loss_scales == [0.5, 0.75]
    assert found.segmentation.augmentation.padding == "void" and found.segmentation.freeze == "batch_norm"
