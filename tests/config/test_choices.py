"""The tables of choices hold what they name."""

from __future__ import annotations

import pytest

from wsss.config.blocks import Data, Seed
from wsss.config.choices import (
    BACKBONES,
    CONDITIONAL_KEYS,
    HEADS,
    LAYOUTS,
    MAPPINGS,
    REGULARIZATIONS,
    SCHEDULES,
)


@pytest.mark.parametrize("table", [MAPPINGS, REGULARIZATIONS, SCHEDULES, HEADS, LAYOUTS, BACKBONES])
def test_every_choice_loads_what_it_names(table):
    for choice in table.values():
        assert callable(choice.load()), choice


def test_conditional_keys_are_keys_of_the_block():
    assert set(Seed.model_fields) >= CONDITIONAL_KEYS
    assert all(set(Data.model_fields) >= {*layout.keys, *layout.needs} for layout in LAYOUTS.values())
