"""docs/refusals.md says of every input what it is answered."""

from __future__ import annotations

import pytest
from refusals.case import answer
from refusals.inputs import AT_THE_PLAN, OF_DATA, OF_PRODUCTS, OF_TRAININGS
from refusals.page import PAGE, cell

MOST_LINES = 10  # that a refusal at the plan may take


def is_in_the_page(one) -> bool:
    said, lines, _ = answer(one)
    assert lines <= MOST_LINES or one not in AT_THE_PLAN
    return f"| {one.what} | {cell(said)} |" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("one", [*OF_DATA, *OF_PRODUCTS, *OF_TRAININGS], ids=lambda one: one.what)
def test_what_a_stage_answers_is_in_the_page(one):
    assert is_in_the_page(one)


@pytest.mark.slow
@pytest.mark.parametrize("one", AT_THE_PLAN, ids=lambda one: one.what)
def test_what_the_plan_answers_is_in_the_page(one):
    assert is_in_the_page(one)
