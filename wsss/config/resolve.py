"""Layer params.yaml, the data set's overrides and the variant's, and validate the result.

Later layers win: `kinds.{kind}`, `heads.{head}` and `recipes.{recipe}` < the blocks of params.yaml <
`datasets.{name}.kinds.{kind}` < `datasets.{name}` < the variant. The kind (cnn or transformer) is that of
`seed.backbone`, the head `segmentation.head`. The key `recipe` stands in the same layers as a block does.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from wsss.config.block import fields_of
from wsss.config.blocks import BLOCKS
from wsss.config.consistency import check_consistency, check_start, kind_of
from wsss.config.foreign import FOREIGN, named_folders
from wsss.config.keys import block_type, check_override, check_params, check_recipe
from wsss.config.named_files import FILES, name_files
from wsss.config.parameters import Parameters
from wsss.config.start import start_experiment
from wsss.config.variant import RECIPE, split_variant
from wsss.config.yaml_text import read_yaml
from wsss.errors import InputError, did_you_mean


def read_params(path: Path | str = "params.yaml") -> dict:
    """Read params.yaml and check its keys; the values are checked when they are resolved."""
    return check_params(read_yaml(path, "run from the project's folder or give --params"), path)


def load_parameters(path: Path | str, dataset: str, variant: str) -> Parameters:
    """Read params.yaml and resolve it for one data set and variant."""
    return resolve(read_params(path), dataset, variant)


def resolve(params: dict, dataset: str, variant: str | dict[str, object]) -> Parameters:
    """Return the validated parameters of (params.yaml's content, data set, variant); InputError otherwise."""
    datasets = params.get("datasets") or {}
    if dataset not in datasets:
        raise InputError(
            f"unknown data set {dataset!r}: not under datasets: in params.yaml{did_you_mean(dataset, datasets)}"
        )
    overrides = split_variant(variant) if isinstance(variant, str) else variant
    for key in overrides.keys() - {RECIPE}:
        check_override(key)
    layers = layers_of(params, dataset, overrides)
    merged = merge_layers(layers.values())
    for key, value in sorted(overrides.items()):  # a block set to null comes before the keys in it
        if key != RECIPE:
            _set(merged, key, value)
    name_files(merged, params.get(FILES) or {})
    foreign = named_folders(merged, params.get(FOREIGN) or {})
    try:
        parameters = Parameters.model_validate({"dataset": dataset, **merged, FOREIGN: foreign})
    except ValidationError as error:
        raise InputError(_explain(error, layers, overrides)) from None
    check_consistency(parameters)
    _check_named_start(params, dataset, parameters)
    return parameters


def layers_of(params: dict, dataset: str, overrides: Mapping[str, object]) -> dict[str, dict | None]:
    """Return {where it stands in params.yaml: layer} for a data set and a variant, the variant's own not among them.

    Later ones win. Each is named by what its keys are preceded by: "" are the blocks of params.yaml itself, and the
    data set's own begin with "datasets.".
    """
    own = params["datasets"][dataset] or {}

    def chosen(block: str, key: str) -> Any:
        return overrides.get(f"{block}.{key}") or _get(own, block, key) or _get(params, block, key)

    backbone = chosen("seed", "backbone")
    if backbone is None:
        raise InputError("params.yaml: seed.backbone is missing: name a network, e.g. deit_small_patch16_224")
    kind, head = kind_of("seed.backbone", backbone), str(chosen("segmentation", "head"))

    of_kind, own_of_kind = _get(params, "kinds", kind), _get(own, "kinds", kind)
    named = (_get(layer, RECIPE) for layer in (overrides, own, own_of_kind, params, of_kind))
    recipe = check_recipe(next(filter(None, named), None), params)
    return {
        f"kinds.{kind}.": of_kind,
        f"heads.{head}.": _get(params, "heads", head),
        f"recipes.{recipe}.": _get(params, "recipes", recipe),
        "": params,
        f"datasets.{dataset}.kinds.{kind}.": own_of_kind,
        f"datasets.{dataset}.": own,
    }


def merge_layers(layers: Iterable[dict | None]) -> dict:
    """Return the blocks of parameters that layers add up to, of which later ones win."""
    merged: dict = {}
    for layer in layers:
        _merge(merged, {name: value for name, value in (layer or {}).items() if name in BLOCKS})
    return merged


def _check_named_start(params: dict, dataset: str, parameters: Parameters) -> None:
    """Refuse `segmentation.weights` that name an experiment which does not exist, or does not fit."""
    weights = parameters.segmentation.weights
    experiment = start_experiment(weights, own="")
    if not experiment:
        return
    try:  # what its own segmentation network starts from does not matter, and may be the same again
        named = resolve(params, dataset, split_variant(experiment) | {"segmentation.weights": None})
    except InputError as error:
        raise InputError(f"segmentation.weights: {weights}: {error}") from None
    check_start(parameters.segmentation, named.seed)


def _get(tree: Any, *keys: str) -> Any:
    """Return what YAML has under these keys; None where it has nothing."""
    for key in keys:
        tree = (tree or {}).get(key)
    return tree


def _merge(into: dict, layer: dict) -> None:
    for key, value in layer.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def _set(tree: dict, dotted: str, value: object) -> None:
    *parents, last = dotted.split(".")
    for parent in parents:
        if not isinstance(tree.get(parent), dict):
            raise InputError(f"{dotted} cannot be set: {parent!r} is null here")
        tree = tree[parent]
    tree[last] = value


def _explain(error: ValidationError, layers: dict[str, dict | None], overrides: dict[str, object]) -> str:
    """One line for the first problem: the layer that decides, key, value, and the nearest valid choice."""
    problem = error.errors()[0]
    path = [str(part) for part in problem["loc"]]
    key, given = ".".join(path), problem.get("input")
    if problem["type"] == "extra_forbidden":
        return f"unknown parameter {key!r}{did_you_mean(path[-1], _fields(path[:-1]))}"
    if problem["type"] == "missing":
        return f"parameter {key!r} is missing; set it in params.yaml"
    named = [part for part in path if not part.isdigit()]  # without the places in a list
    if ".".join(named) in overrides:
        key = f"in the variant, {key}"
    elif (layer := _last_with(named, layers)) is not None:
        key = f"in params.yaml, {layer}{key}"
    if problem["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'|(\d+)", problem["ctx"]["expected"])
        return f"{key}: {given!r} is not a choice{did_you_mean(str(given), [a or b for a, b in choices])}"
    return (
        f"{key}: {problem['msg'].removeprefix('Value error, ')} (given: {given!r})"
        if not isinstance(given, dict)
        else f"{key}: {problem['msg'].removeprefix('Value error, ')}"
    )


def _last_with(path: list[str], layers: dict[str, dict | None]) -> str | None:
    """Return the name of the last layer that sets what this path leads to, None if it is part of a value."""

    def has(tree: Any) -> bool:
        for part in path:
            if not isinstance(tree, dict) or part not in tree:
                return False
            tree = tree[part]
        return True

    return next((name for name, layer in reversed(layers.items()) if has(layer)), None)


def _fields(path: list[str]) -> list[str]:
    model: type[BaseModel] | None = Parameters
    for part in path:
        model = block_type(model, part) if model else None
    return list(fields_of(model)) if model else []
