"""`segmentation.weights` that name an experiment: its seed network is what the segmentation network starts from."""

from __future__ import annotations

import pytest
from paths import REPOSITORY
from small import params

from wsss.config import load_parameters
from wsss.config.resolve import resolve
from wsss.config.stage_variant import canonical_variant, stage_variant
from wsss.config.start import start_experiment
from wsss.config.variant import split_variant
from wsss.errors import InputError

CLASSIFIER = "segmentation.weights=backbone=tiny_cnn+mapping=cam+regularization=none"


@pytest.mark.parametrize(
    ("weights", "experiment"),
    [
        ("seed_network", "tau1=7"),
        ("main", "main"),
        ("mapping=cam", "mapping=cam"),
        ("backbone=resnet38+mapping=cam", "backbone=resnet38,mapping=cam"),
        ("backbone=resnet38,mapping=cam", "backbone=resnet38,mapping=cam"),
        ("augmentation.range=0.5+1.0+mapping=cam", "augmentation.range=0.5+1.0,mapping=cam"),
        ("results/mini/mapping=cam/seed_network/network.safetensors", None),
        ("./a=1.pth", None),
        ("$WEIGHTS", None),
        ("imagenet", None),
        (None, None),
    ],
)
def test_an_experiment_is_named_as_in_a_path_with_plus_for_comma(weights, experiment):
    assert start_experiment(weights, own="tau1=7") == experiment


def test_an_experiment_has_one_name_however_it_is_written():
    names = ("mapping=cam,backbone=tiny_cnn", "backbone=tiny_cnn+mapping=cam", "mapping=cam+backbone=tiny_cnn")
    found = {resolve(params(), "toy", {"segmentation.weights": name}).segmentation.weights for name in names}
    assert found == {"backbone=tiny_cnn+mapping=cam"}


def test_deeplab_v1_starts_from_a_network_that_classifies_and_deeplab_v2_from_imagenet():
    def start(variant: str) -> str | None:
        return load_parameters(REPOSITORY / "params.yaml", "voc", variant).segmentation.weights

    assert start("main") == "backbone=resnet38+mapping=cam+regularization=none"
    assert start("segmentation.backbone=resnet101.tv_in1k,segmentation.head=aspp") == "imagenet"


def test_the_start_is_part_of_the_segmentation_networks_name_and_of_no_seeds():
    variant = f"tau1=7,{CLASSIFIER}"
    assert stage_variant(variant, "train_segmentation", params(), "toy") == f"{CLASSIFIER},tau1=7"
    assert stage_variant(variant, "make_mask", params(), "toy") == "tau1=7"
    assert canonical_variant(split_variant(variant), params(), "toy") == f"{CLASSIFIER},tau1=7"
    true_masks = f"{CLASSIFIER},segmentation.supervision=ground_truth"
    assert stage_variant(f"{true_masks},tau1=7", "predict", params(), "toy") == (
        f"segmentation.supervision=ground_truth,{CLASSIFIER}"
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("mapping=cam", "segmentation.weights: mapping=cam is a 'tiny_transformer'.*make them equal"),
        ("main", "segmentation.weights: main is a 'tiny_transformer'"),
        ("mapping=mct+regularization=none", "a class token per class"),
        ("backbone=tiny_cnn+maping=cam", r"segmentation.weights: .*unknown key 'seed.maping'; did you mean 'mapping'"),
        ("backbone=tini_cnn", "segmentation.weights: .*did you mean 'tiny_cnn'"),
    ],
)
def test_an_experiment_that_cannot_be_the_start_is_refused(weights, message):
    with pytest.raises(InputError, match=message):
        resolve(params(), "toy", {"segmentation.weights": weights})
