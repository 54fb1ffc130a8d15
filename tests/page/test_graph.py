"""The drawing of what was made of what."""

from pathlib import Path

from wsss.page.graph import graph

A, B, C = map(Path, ("main/a", "main/b", "main/c"))


def test_a_product_stands_right_of_all_that_it_was_made_of():
    drawn = graph({A: [], B: [A], C: [A, B]})
    x = {box["name"]: box["x"] for box in drawn["boxes"]}
    assert x["a"] < x["b"] < x["c"]
    assert len(drawn["lines"]) == 3


def test_boxes_do_not_lie_on_each_other():
    drawn = graph({A: [], B: [], C: []})
    assert len({(box["x"], box["y"]) for box in drawn["boxes"]}) == 3


def test_nothing_is_drawn_of_nothing():
    assert graph({})["boxes"] == []
