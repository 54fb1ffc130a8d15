"""Drop path: where the seed network has it, and how much."""

from __future__ import annotations

import numpy as np
import pytest
from paths import REPOSITORY
from small import params, seed_settings
from timm.layers import DropPath

from wsss.config import load_parameters
from wsss.config.resolve import resolve
from wsss.config.stage_variant import canonical_variant
from wsss.errors import InputError
from wsss.models.seed_network import SeedNetwork
from wsss.seed.create_network import create_seed_network


def rates(network: SeedNetwork) -> list[float]:
    return [module.drop_prob for module in network.modules() if isinstance(module, DropPath)]


@pytest.mark.parametrize("mapping", ["cam", "mct"])
def test_deit_drops_paths_as_in_mctformer_wherever_aa_does_not(mapping):
    settings = load_parameters(REPOSITORY / "params.yaml", "voc", f"mapping={mapping},regularization=none").seed
    found = rates(create_seed_network(settings, 20))
    assert found == pytest.approx(np.linspace(0, 0.1, 12)[1:].repeat(2))  # the first of 12 blocks has none at all


def test_aa_takes_over_with_rates_of_its_own():
    assert load_parameters(REPOSITORY / "params.yaml", "voc", "main").seed.drop_path is None
    assert set(rates(create_seed_network(seed_settings(drop_path=0.3), 3))) == {0.0}


def test_cnns_drop_none_unless_asked_to():
    settings = load_parameters(REPOSITORY / "params.yaml", "voc", "backbone=tiny_cnn,regularization=gt").seed
    assert settings.drop_path is None
    asked = seed_settings(backbone="tiny_cnn", regularization="none", drop_path=0.2)
    assert rates(create_seed_network(asked, 3)) == pytest.approx([0, 0.05, 0.1, 0.15, 0.2])


def test_a_rate_of_0_is_none():
    none = resolve(params(), "toy", "regularization=none")
    assert resolve(params(), "toy", "regularization=none,drop_path=0") == none
    assert canonical_variant({"seed.drop_path": 0, "seed.regularization": "none"}, params(), "toy") == (
        "regularization=none"
    )


def test_a_backbone_without_drop_path_is_refused_by_name():
    settings = seed_settings(backbone="ghostnet_050", regularization="none", drop_path=0.1)
    with pytest.raises(InputError, match="seed.drop_path: 'ghostnet_050' has none"):
        create_seed_network(settings, 3)
