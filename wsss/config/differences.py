"""In which parameters a data set differs from the defaults of params.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsss.config.blocks import OF_DATASETS
from wsss.config.resolve import layers_of, merge_layers, resolve
from wsss.config.variant import RECIPE


def differences(params: dict, dataset: str) -> dict[str, list[Any]]:
    """Return {key: [default, value]} of what `datasets.{dataset}` sets, where it is not the default and has an effect.

    The default is what the layers of params.yaml below the data set's say for its kind of network, its head and its
    recipe; None where they say nothing.

    Args:
        params: content of params.yaml.
    """
    effective = _leaves(resolve(params, dataset, "main").plain())
    layers = layers_of(params, dataset, {})
    own = {name: layer for name, layer in layers.items() if name.startswith("datasets.")}
    given, defaults = (
        _leaves(merge_layers(some)) for some in (own.values(), [layers[name] for name in layers if name not in own])
    )
    found = {
        key: [defaults.get(key), effective.get(key)]
        for key in given
        if key.split(".")[0] not in OF_DATASETS
        and (key in effective or key in defaults)
        and defaults.get(key) != effective.get(key)
    }
    return {**_recipes(layers), **found}


def _recipes(layers: Mapping[str, dict | None]) -> dict[str, list[Any]]:
    """Return the recipe that is the default and the one that is taken, as a difference, where these are two."""
    taken = next(name.split(".")[1] for name in layers if name.startswith("recipes."))
    of_kind = next(layer for name, layer in layers.items() if name.startswith("kinds."))
    default = (layers[""] or {}).get(RECIPE) or (of_kind or {}).get(RECIPE)
    return {} if taken == default else {RECIPE: [default, taken]}


def _leaves(tree: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return {dotted key: value} of all that is no mapping."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found |= _leaves(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = value
    return found
