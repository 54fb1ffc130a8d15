"""A machine thinks of parameters and variants: each resolves, or is refused with its key, and never otherwise."""

from __future__ import annotations

import copy

from hypothesis import given
from hypothesis import strategies as st
from small import params

from wsss.config.blocks import BLOCKS
from wsss.config.keys import check_params
from wsss.config.resolve import resolve
from wsss.config.variant import join_variant, split_variant
from wsss.errors import InputError

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**6), 10**6)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8)
SCALARS = NUMBERS | WORDS | st.booleans() | st.none()
VALUES = st.recursive(
    SCALARS | st.text(max_size=5) | st.just(float("nan")) | st.just(float("inf")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.integers(0, 3), inner, max_size=3),
    max_leaves=6,
)


def paths_of(tree: object, path: tuple = ()) -> list[tuple]:
    """Return the ways to all that is in a tree."""
    found = [path] if path else []
    for key, value in tree.items() if isinstance(tree, dict) else ():
        found += paths_of(value, (*path, key))
    return found


PARAMS = params()
PATHS = paths_of(
    {key: value for key, value in PARAMS.items() if key in {*BLOCKS, "kinds", "heads", "recipes", "datasets"}}
)


def replaced(path: tuple, value: object) -> dict:
    tree = copy.deepcopy(PARAMS)
    place = tree
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return tree


@given(st.sampled_from(PATHS), VALUES)
def test_any_value_anywhere_resolves_or_is_refused_by_name(path, value):
    try:
        resolve(check_params(replaced(path, value), "params.yaml"), "toy", "main")
    except InputError as error:
        message = str(error)
        assert "\n\n" not in message and len(message) < 2000
        named = {str(part) for part in path} | {"is missing; set it"}  # what null takes away is named itself
        assert any(part in message for part in named), message


@given(st.sampled_from(PATHS), WORDS, VALUES)
def test_an_unknown_key_in_a_block_is_refused_by_name(path, key, value):
    tree = copy.deepcopy(PARAMS)
    place = tree
    for part in path:
        place = place[part]
    if not isinstance(place, dict) or path[0] not in BLOCKS.keys() - {"compare", "tables"}:  # these take any name
        return
    key = f"{key}_zzz"
    place[key] = value
    try:
        resolve(check_params(tree, "params.yaml"), "toy", "main")
    except InputError as error:
        assert key in str(error)
    else:
        raise AssertionError(f"{path}: {key} was taken")


KEYS = st.sampled_from(["tau1", "backbone", "mapping"]) | st.builds(
    "{}.{}".format, st.sampled_from(sorted(BLOCKS)), WORDS.filter(lambda word: word not in BLOCKS)
)
TEXTS = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,10}", fullmatch=True).filter(
    lambda text: not isinstance(split_variant(f"seed.x={text}")["seed.x"], bool | int | float | list | None)
)
OVERRIDES = NUMBERS | TEXTS | st.booleans() | st.none() | st.lists(NUMBERS, min_size=2, max_size=4)


@given(st.dictionaries(KEYS.map(lambda key: key if "." in key else f"seed.{key}"), OVERRIDES, max_size=4))
def test_a_variant_that_is_printed_reads_as_what_it_was(overrides):
    name = join_variant(overrides)
    assert split_variant(name) == overrides
    assert join_variant(split_variant(name)) == name


@given(st.text(max_size=30))
def test_any_text_is_a_variant_or_is_refused_by_name(text):
    try:
        name = join_variant(split_variant(text))
    except InputError as error:
        assert "variant" in str(error)
    else:
        assert join_variant(split_variant(name)) == name
