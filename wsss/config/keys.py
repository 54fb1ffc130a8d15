"""The keys of params.yaml and of variants, held against the blocks' types before anything is merged.

So a typo is found wherever it stands: also under a kind or a data set that this run has no use for.
"""

from __future__ import annotations

from collections.abc import Collection

from pydantic import BaseModel

from wsss.config.block import fields_of
from wsss.config.blocks import BLOCKS, OF_DATASETS
from wsss.config.choices import HEADS
from wsss.config.foreign import FOREIGN, check_foreign
from wsss.config.kinds import KINDS
from wsss.config.named_files import FILES, check_files
from wsss.config.plain_name import check_name
from wsss.config.variant import RECIPE
from wsss.errors import InputError, did_you_mean

BESIDE_DATASETS = ("tables",)  # what else has a folder in results/
_OVERRIDABLE = BLOCKS.keys() - OF_DATASETS


def check_params(content: object, path: object) -> dict:
    """Return the content of params.yaml; an `InputError` for its first key that nothing reads; `path` is its name."""
    params = _mapping(content, str(path))
    top = (BLOCKS.keys() - {"data"}) | {"dataset", RECIPE, "kinds", "heads", "recipes", FILES, FOREIGN, "datasets"}
    _check(params, top, f"{path}: ")
    check_files(params.get(FILES) or {}, f"{path}: {FILES}")
    check_foreign({} if params.get(FOREIGN) is None else params[FOREIGN], f"{path}: {FOREIGN}")
    recipes = _mapping(params.get("recipes") or {}, f"{path}: recipes")
    for name in recipes:
        check_name(name, f"{path}: recipes", "a recipe")
    of_kind = _OVERRIDABLE | {RECIPE}
    _check_layers(params.get("kinds"), KINDS, f"{path}: kinds", of_kind)
    _check_layers(params.get("heads"), HEADS, f"{path}: heads", _OVERRIDABLE)
    _check_layers(recipes, recipes, f"{path}: recipes", _OVERRIDABLE - {"seed"})
    for name, entry in (_mapping(params.get("datasets") or {}, f"{path}: datasets")).items():
        check_name(name, f"{path}: datasets", "a data set", BESIDE_DATASETS)
        where = f"{path}: datasets.{name}"
        _check(_mapping(entry or {}, where), {"kinds", RECIPE, *BLOCKS}, f"{where}.")
        _check_layers((entry or {}).get("kinds"), KINDS, f"{where}.kinds", of_kind)
    return params


def check_recipe(recipe: object, params: dict) -> str:
    """Return the name of a recipe, "" for none; an `InputError` for one that params.yaml does not have."""
    known = params.get("recipes") or {}
    if recipe is not None and str(recipe) not in known:
        raise InputError(f"recipe: {recipe!r} is not under recipes: in params.yaml{did_you_mean(str(recipe), known)}")
    return str(recipe or "")


def check_override(key: str) -> None:
    """Raise an `InputError` if a variant cannot override `key`, e.g. `seed.optimizer.lr`."""
    block, *parts = key.split(".")
    if block in OF_DATASETS:
        raise InputError(f"{key}: not for a variant; set it under datasets: in params.yaml")
    model: type[BaseModel] | None = BLOCKS[block]
    for depth, part in enumerate(parts, 1):
        if model is None:  # below a plain value
            raise InputError(f"unknown key {key!r}: {'.'.join([block, *parts][:depth])!r} is not a block")
        if part not in fields_of(model):
            known = set(fields_of(model))
            if depth == 1 and len(parts) > 1 and block == "seed":  # a block's name that split_variant did not know
                known, key = _OVERRIDABLE, ".".join(parts)
            raise InputError(f"unknown key {key!r}{_elsewhere(part) or did_you_mean(part, known)}")
        model = block_type(model, part)
    if model is not None and not _optional(BLOCKS[block], parts):
        raise InputError(f"{key} is a block: name the key in it, e.g. {key}.{next(iter(fields_of(model)))}")


def block_type(model: type[BaseModel], field: str) -> type[BaseModel] | None:
    """Return the type of a field that is a block itself, else None."""
    annotation = fields_of(model)[field].annotation
    options = [annotation, *getattr(annotation, "__args__", ())]
    return next((option for option in options if isinstance(option, type) and issubclass(option, BaseModel)), None)


def _check_layers(layers: object, known: Collection[str], where: str, blocks: set[str]) -> None:
    for name, layer in _mapping({} if layers is None else layers, where).items():
        if name not in known:
            raise InputError(f"{where}: unknown key {name!r}{did_you_mean(name, known)}")
        _check(_mapping({} if layer is None else layer, f"{where}.{name}"), blocks, f"{where}.{name}.")


def _check(layer: dict, known: set[str], where: str) -> None:
    for key, tree in layer.items():
        if key not in known:
            raise InputError(f"{where.rstrip('.: ')}: unknown key {key!r}{did_you_mean(key, known)}")
        if key in BLOCKS:
            _check_block(tree, BLOCKS[key], f"{where}{key}")


def _check_block(tree: object, model: type[BaseModel], where: str) -> None:
    for key, value in _mapping(tree, where).items():
        if key not in fields_of(model):
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(key, fields_of(model))}")
        inner = block_type(model, key)
        if inner is not None and not (value is None and _optional(model, [key])):
            _check_block(value, inner, f"{where}.{key}")


def _mapping(tree: object, where: str) -> dict:
    if not isinstance(tree, dict):
        raise InputError(f"{where}: expected keys and values below it, not {tree!r}")
    return tree


def _optional(model: type[BaseModel], parts: list[str]) -> bool:
    """Return whether null is a value for the field that `parts` leads to."""
    *parents, last = parts or [""]
    for parent in parents:
        inner = block_type(model, parent)
        if inner is None:
            return False
        model = inner
    return last in fields_of(model) and type(None) in getattr(fields_of(model)[last].annotation, "__args__", ())


def _elsewhere(part: str) -> str:
    """Return `"; did you mean mask.beta?"` when `part` is a key of other blocks, else nothing."""
    owners = [f"{block}.{part}" for block in sorted(_OVERRIDABLE - {"seed"}) if part in fields_of(BLOCKS[block])]
    return f"; did you mean {' or '.join(map(repr, owners))}?" if owners else ""
