"""Variants: experiments whose name is their difference from params.yaml, e.g. `regularization=none,tau1=0.5`."""

from __future__ import annotations

import yaml

from wsss.config.blocks import BLOCKS
from wsss.config.start import MAIN
from wsss.config.yaml_text import load_yaml
from wsss.errors import InputError

RECIPE = "recipe"  # the key that is of no block: it chooses a layer of params.yaml, `recipes.NAME`


def split_variant(variant: str) -> dict[str, object]:
    """Split `"mask.beta=4,tau1=0.5"` into `{"mask.beta": 4, "seed.tau1": 0.5}`; `"main"` into `{}`.

    A key without a block's name in front belongs to `seed`, but for `recipe`. Values are YAML; `1.0+0.5` is a list.
    """
    overrides: dict[str, object] = {}
    if variant == MAIN:
        return overrides
    for item in variant.split(","):
        key, equals, text = item.partition("=")
        if not (key and equals and text):
            raise InputError(f"variant {variant!r}: {item!r} is not key=value (or use {MAIN!r} for no override)")
        key = key if key == RECIPE or key.split(".")[0] in BLOCKS else f"seed.{key}"
        if key in overrides:
            raise InputError(f"variant {variant!r}: {key} is given twice")
        overrides[key] = _value(text)
    return overrides


def _value(text: str) -> object:
    try:
        value = load_yaml(text)
        parts = [load_yaml(part) for part in text.split("+")] if isinstance(value, str) else []
    except yaml.YAMLError:
        raise InputError(f"variant: {text!r} is not a value; write a number, a word, or numbers joined by +") from None
    return parts if len(parts) > 1 and all(isinstance(part, int | float) for part in parts) else value


def join_variant(overrides: dict[str, object]) -> str:
    """The inverse of `split_variant`: sorted, keys of `seed` without their prefix."""
    if not overrides:
        return MAIN
    return ",".join(sorted(f"{key.removeprefix('seed.')}={_text(value)}" for key, value in overrides.items()))


def _text(value: object) -> str:
    if isinstance(value, list):
        return "+".join(map(_text, value))
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # 2.0 and 2 are one variant
    return str(value)  # of a float: the shortest text that reads as the same number
