"""In which parameters a data set differs from the defaults of params.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wsss.config.blocks import BLOCKS
from wsss.config.kinds import network_kind
from wsss.config.resolve import resolve
from wsss.config.variant import RECIPE

_ITS_OWN = ("data", "compare", "tables")  # blocks that say which data set it is, and what is shown of it


def differences(params: Mapping[str, Any], dataset: str) -> dict[str, list[Any]]:
    """Return {key: [default, value]} of what `datasets.{dataset}` sets, where it is not the default and has an effect.

    The default is what the layers of params.yaml below the data set's say for its kind of network, its head and its
    recipe; None where they say nothing.

    Args:
        params: content of params.yaml.
    """
    here = resolve(dict(params), dataset, "main")
    own, kind = params["datasets"][dataset] or {}, network_kind(here.seed.backbone)
    of_kind = (params.get("kinds") or {}).get(kind) or {}
    own_of_kind = (own.get("kinds") or {}).get(kind) or {}
    default_recipe = params.get(RECIPE) or of_kind.get(RECIPE)
    recipe = own.get(RECIPE) or own_of_kind.get(RECIPE) or default_recipe
    defaults: dict[str, Any] = {}
    heads, recipes = params.get("heads") or {}, params.get("recipes") or {}
    for layer in (of_kind, heads.get(here.segmentation.head), recipes.get(recipe), params):
        defaults |= _leaves(_blocks(layer or {}))
    given = _leaves(_blocks(own_of_kind)) | _leaves(_blocks(own))
    effective = _leaves(here.plain())
    found = {key: [defaults.get(key), effective.get(key)] for key in given if key in effective or key in defaults}
    found = {key: pair for key, pair in found.items() if pair[0] != pair[1]}
    return found if recipe == default_recipe else {RECIPE: [default_recipe, recipe], **found}


def _blocks(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in layer.items() if name in BLOCKS and name not in _ITS_OWN}


def _leaves(tree: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return {dotted key: value} of all that is no mapping."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found |= _leaves(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = value
    return found
