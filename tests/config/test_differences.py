"""In which parameters a data set differs from the defaults."""

import pytest
from small import params

from wsss.config.differences import differences


@pytest.fixture
def content():
    return params()


def test_only_what_differs_is_named_with_its_default(content):
    content["datasets"]["toy"]["seed"] = {"epochs": 7, "batch_size": content["seed"]["batch_size"]}
    content["datasets"]["toy"]["mask"] = {"beta": 4}
    assert differences(content, "toy") == {"seed.epochs": [3, 7], "mask.beta": [8, 4]}


def test_what_a_data_set_says_of_its_kind_of_network_counts(content):
    content["datasets"]["toy"]["kinds"] = {"transformer": {"seed": {"tau1": 2}}, "cnn": {"seed": {"tau1": 9}}}
    assert differences(content, "toy") == {"seed.tau1": [1, 2]}


def test_another_recipe_is_a_difference(content):
    content["datasets"]["toy"]["recipe"] = "mctformer"
    assert differences(content, "toy") == {"recipe": ["psa", "mctformer"]}
