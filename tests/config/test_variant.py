"""Variants: overrides in a name."""

from __future__ import annotations

import pytest
from small import params

from wsss.config.resolve import resolve
from wsss.config.stage_variant import canonical_variant
from wsss.config.variant import join_variant, split_variant
from wsss.errors import InputError


def canonical(variant: str, dataset: str = "toy") -> str:
    return canonical_variant(split_variant(variant), params(), dataset)


def test_keys_of_seed_need_no_prefix():
    assert split_variant("tau1=0.5,mask.beta=4,optimizer.lr=1e-3") == {
        "seed.tau1": 0.5,
        "mask.beta": 4,
        "seed.optimizer.lr": 0.001,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0+0.5", [1.0, 0.5]),
        ("1", 1),
        ("1e+5", 1e5),
        ("null", None),
        ("none", "none"),
        ("true", True),
        ("resnet50.a1_in1k", "resnet50.a1_in1k"),
        ("a+b", "a+b"),
    ],
)
def test_values_are_yaml_and_joined_numbers_a_list(text, value):
    assert split_variant(f"key={text}") == {"seed.key": value}


@pytest.mark.parametrize(
    "overrides",
    [
        {"seed.tau1": 0.1234567891},
        {"seed.tau1": 5e-7},
        {"extract.scales": [1.0, 0.5]},
        {"extract.flip": False, "seed.weights": None, "mask.beta": 4},
    ],
)
def test_join_and_split_are_inverse(overrides):
    assert split_variant(join_variant(overrides)) == overrides


def test_single_scale_survives_its_name():
    variant = canonical("extract.scales=0.75")
    assert variant == "extract.scales=0.75"
    assert resolve(params(), "toy", variant).extract.scales == [0.75]


@pytest.mark.parametrize(
    "variant", ["", "tau1", "tau1=", "=1", "tau1=1,", "main,tau1=1", "tau1=1,seed.tau1=2", "tau1=["]
)
def test_malformed_variant_is_refused(variant):
    with pytest.raises(InputError, match="variant"):
        split_variant(variant)


@pytest.mark.parametrize("key", ["data.image_size", "data.splits.train", "compare.seed_experiments"])
def test_variant_cannot_change_the_data(key):
    with pytest.raises(InputError, match=f"{key}: not for a variant"):
        resolve(params(), "toy", f"{key}=64")


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("tau11", "'tau1'"),
        ("optimizer.lrr", "'lr'"),
        ("beta", "'mask.beta'"),
        ("mask.betta", "'beta'"),
        ("msk.beta", "'mask'"),
        ("predict.crf.iteration", "'iterations'"),
    ],
)
def test_unknown_key_names_the_nearest(key, nearest):
    with pytest.raises(InputError, match=f"unknown key .*did you mean {nearest}"):
        resolve(params(), "toy", f"{key}=1")


def test_block_cannot_be_given_a_value():
    for variant in ("optimizer=3", "mask=3", "tau1.x=3"):
        with pytest.raises(InputError, match="block"):
            resolve(params(), "toy", variant)


def test_key_of_a_block_that_is_null_is_refused_in_any_order():
    for variant in ("predict.crf=null,predict.crf.iterations=3", "predict.crf.iterations=3,predict.crf=null"):
        with pytest.raises(InputError, match="'crf' is null"):
            resolve(params(), "toy", variant)
