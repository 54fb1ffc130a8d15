"""How images are divided among jobs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wsss.errors import InputError
from wsss.parts import WHOLE, Part, part_named, part_names, part_path, product_of_part


@given(count=st.integers(1, 20), length=st.integers(0, 60))
def test_parts_together_are_all_in_their_order_and_of_nearly_equal_length(count, length):
    items = list(range(length))
    parts = [part_named(name).of(items) for name in part_names(count)]
    assert [item for part in parts for item in part] == items
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert WHOLE.of(items) == items == part_named(None).of(items)


def test_a_part_is_read_from_its_name():
    assert part_named("2-of-7") == Part(2, 7)


@pytest.mark.parametrize("name", ["", "2", "0-of-3", "2 of 7", "2-of-0", "-1-of-3", "2-of-7-of-8"])
def test_what_is_no_part_is_refused(name):
    with pytest.raises(InputError, match=f"--part {name}: give a part"):
        part_named(name)


def test_a_part_beyond_the_last_is_refused():
    with pytest.raises(InputError, match="--part 8-of-7: there are only 7"):
        part_named("8-of-7")


@pytest.mark.parametrize("product", ["results/mini/main/seeds", "results/mini/tau1=2/predictions/val"])
def test_a_parts_path_says_what_it_is_a_part_of(product):
    path = part_path(Path(product), "2-of-7")
    assert path.parts[3] == ".parts" and product_of_part(path) == (Path(product), "2-of-7")
    assert product_of_part(Path(product)) is None
