"""Names for files in params.yaml, which variants can carry."""

from __future__ import annotations

import pytest
from small import params

from wsss.config.keys import check_params
from wsss.config.resolve import resolve
from wsss.config.stages import settings_of
from wsss.errors import InputError


def named(**files: str) -> dict:
    return params() | {"files": files}


@pytest.mark.parametrize("block", ["seed", "affinity", "segmentation"])
def test_a_name_stands_for_its_path_in_every_block_that_takes_weights(block):
    tree = named(dino="$DINO/network.pth")
    assert getattr(resolve(tree, "toy", f"{block}.weights=dino"), block).weights == "$DINO/network.pth"
    tree["datasets"]["toy"][block] = {"weights": "dino"}
    assert getattr(resolve(tree, "toy", "main"), block).weights == "$DINO/network.pth"


def test_a_stage_s_settings_are_the_same_wherever_the_file_lies():
    one, other = (
        settings_of("train_seed", resolve(named(dino=path), "toy", "weights=dino")) for path in ("a.pth", "/b.pth")
    )
    assert one == other and one["seed"]["weights"] == "file"


def test_other_weights_stay():
    for weights in ("imagenet", "./dino", "other.pth", None):
        assert resolve(named(dino="x.pth"), "toy", {"seed.weights": weights}).seed.weights == weights


@pytest.mark.parametrize("name", ["imagenet", "main", "seed_network", "null", "a/b", "mapping=cam", "a,b", "$A", 3])
def test_a_name_that_says_something_else_already_is_refused(name):
    with pytest.raises(InputError, match=r"params\.yaml: files: .* (cannot be|stands for|is not a text)"):
        check_params(params() | {"files": {name: "x.pth"}}, "params.yaml")


@pytest.mark.parametrize("files", [{"dino": 3}, {"dino": None}, {"dino": ["x"]}, "x.pth"])
def test_what_is_no_path_is_refused(files):
    with pytest.raises(InputError, match="files"):
        check_params(params() | {"files": files}, "params.yaml")
