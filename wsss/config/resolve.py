"""Layer params.yaml, the data set's overrides and the variant's, and validate the result.

Later layers win: `kinds.{kind}` < the blocks of params.yaml < `datasets.{name}.kinds.{kind}` <
`datasets.{name}` < the variant. The kind (cnn or transformer) is that of `seed.backbone`.
"""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from wsss.config.blocks import (
    BLOCKS,
    Affinity,
    AffinityLabels,
    Data,
    Extract,
    Mask,
    Predict,
    Seed,
    Segmentation,
)
from wsss.config.variant import split_variant
from wsss.errors import InputError, did_you_mean
from wsss.models.kinds import KINDS, network_kind

TOP_KEYS = {"dataset", "kinds", "datasets", *BLOCKS} - {"data"}


class Parameters(BaseModel):
    """Every parameter of one experiment, resolved."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    data: Data
    seed: Seed
    extract: Extract
    affinity_labels: AffinityLabels
    affinity: Affinity
    mask: Mask
    segmentation: Segmentation
    predict: Predict

    def blocks(self, names: tuple[str, ...]) -> dict:
        """Return the named blocks as plain values, e.g. for a record or a comparison."""
        return {name: getattr(self, name).model_dump() for name in names}


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads `5e-4` as text; this loader reads it as the number it is. A key given twice is an error."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"key {key!r} is given twice{node.start_mark}")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def read_params(path: Path | str = "params.yaml") -> dict:
    """Read params.yaml and check its top level; the blocks are checked when they are resolved."""
    try:
        params = yaml.load(Path(path).read_text(), Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run from the project's folder or give --params") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(params, dict):
        raise InputError(f"{path}: expected blocks of parameters")
    for key in params:
        if key not in TOP_KEYS:
            raise InputError(f"{path}: unknown key {key!r}{did_you_mean(key, TOP_KEYS)}")
    for dataset, overrides in (params.get("datasets") or {}).items():
        for key in overrides or {}:
            if key not in {"kinds", *BLOCKS}:
                name = f"datasets.{dataset}.{key}"
                raise InputError(f"{path}: unknown key {name!r}{did_you_mean(key, {'kinds', *BLOCKS})}")
    for place, kinds in [("kinds", params.get("kinds"))] + [
        (f"datasets.{name}.kinds", (entry or {}).get("kinds")) for name, entry in (params.get("datasets") or {}).items()
    ]:
        for kind in kinds or {}:
            if kind not in KINDS:
                raise InputError(f"{path}: unknown key '{place}.{kind}'{did_you_mean(kind, KINDS)}")
    return params


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
    own = datasets[dataset] or {}
    overrides = split_variant(variant) if isinstance(variant, str) else variant
    for key in overrides:
        if key.startswith("data."):
            raise InputError(f"{key}: a variant cannot change the data; add a data set under datasets: in params.yaml")

    backbone = overrides.get("seed.backbone") or _get(own, "seed", "backbone") or _get(params, "seed", "backbone")
    if not isinstance(backbone, str):
        raise InputError("params.yaml: seed.backbone is missing: name a network, e.g. deit_small_patch16_224")
    kind = network_kind(backbone)

    merged: dict = {}
    for layer in (_get(params, "kinds", kind), params, _get(own, "kinds", kind), own):
        _merge(merged, {name: value for name, value in (layer or {}).items() if name in BLOCKS})
    for key, value in overrides.items():
        _set(merged, key, value)
    return _validate({"dataset": dataset, **merged})


def _get(tree: dict, *keys: str) -> object:
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
            raise InputError(f"unknown key {dotted!r}: {parent!r} is not a block")
        tree = tree[parent]
    tree[last] = value


def _validate(tree: dict) -> Parameters:
    try:
        return Parameters.model_validate(tree)
    except ValidationError as error:
        raise InputError(_explain(error, tree)) from None


def _explain(error: ValidationError, tree: dict) -> str:
    """One line for the first problem: key, value, and the nearest valid choice."""
    problem = error.errors()[0]
    path = [str(part) for part in problem["loc"]]
    key, given = ".".join(path), problem.get("input")
    if problem["type"] == "extra_forbidden":
        return f"unknown parameter {key!r}{did_you_mean(path[-1], _fields(path[:-1]))}"
    if problem["type"] == "missing":
        return f"parameter {key!r} is missing; set it in params.yaml"
    if problem["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'|(\d+)", problem["ctx"]["expected"])
        return f"{key}: {given!r} is not a choice{did_you_mean(str(given), [a or b for a, b in choices])}"
    return (
        f"{key}: {problem['msg'].removeprefix('Value error, ')} (given: {given!r})"
        if not isinstance(given, dict)
        else f"{key}: {problem['msg'].removeprefix('Value error, ')}"
    )


def _fields(path: list[str]) -> list[str]:
    model: type[BaseModel] = Parameters
    for part in path:
        annotation = model.model_fields[part].annotation
        options = [annotation, *getattr(annotation, "__args__", ())]
        model = next(option for option in options if isinstance(option, type) and issubclass(option, BaseModel))
    return list(model.model_fields)


def expand_path(value: str, key: str) -> Path:
    """Expand `${VARIABLE}` and `~` in a path from params.yaml; an unset variable is an InputError naming `key`."""

    def replace(match: re.Match) -> str:
        if match[1] not in os.environ:
            raise InputError(f"{key} is {value!r}: set the environment variable {match[1]} to that place")
        return os.environ[match[1]]

    return Path(re.sub(r"\$\{(\w+)\}", replace, value)).expanduser()
