"""Experiments of DVC's, `dvc exp run -S KEY=VALUE`: what they need of the checkout, and that they change something."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from wsss.config.blocks import BLOCKS
from wsss.config.resolve import read_params, resolve
from wsss.errors import InputError


def borrow_from_checkout(folder: Path) -> None:
    """Link prepared data and fetched archives into a folder in which DVC runs a queued experiment.

    DVC gives it a copy of what git and it itself have, in `.dvc/tmp/exps/NAME` below the checkout.
    """
    parents = [parent for parent in folder.resolve().parents if parent.parts[-3:] == (".dvc", "tmp", "exps")]
    if not parents:
        return
    checkout = parents[0].parents[2]
    for source in (checkout / "archives", *(checkout / "data").glob("[!.]*")):
        target = folder / source.relative_to(checkout)
        if source.is_dir() and not target.exists():
            target.parent.mkdir(exist_ok=True)
            target.symlink_to(source)


def check_experiment(params_path: Path) -> None:
    """Within an experiment, refuse a key that it has set to no effect, as another layer of params.yaml decides."""
    baseline = os.environ.get("DVC_EXP_BASELINE_REV")
    if baseline is None:
        return
    shown = subprocess.run(["git", "show", f"{baseline}:./{params_path}"], capture_output=True, text=True)
    if shown.returncode == 0:
        refuse_without_effect(read_params(params_path), yaml.safe_load(shown.stdout))


def refuse_without_effect(params: dict, before: dict) -> None:
    """Refuse a change of params.yaml's content that leaves the parameters of its data set as they are."""
    dataset = params["dataset"]
    resolved = resolve(params, dataset, "main")
    for keys, value in _leaves(params):
        block = _block_of(keys)
        if block is None or _get(before, keys) == value:
            continue
        without = deepcopy(params)
        layer, was = _get(without, keys[:-1]), _get(before, keys[:-1]) or {}
        del layer[keys[-1]]
        layer.update({keys[-1]: was[keys[-1]]} if keys[-1] in was else {})
        if resolve(without, dataset, "main") == resolved:
            raise InputError(
                f"{'.'.join(keys)}={value} has no effect on {dataset}: {_why(params, dataset, keys, block)}"
            )


def _leaves(tree: dict, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, key))
        else:
            yield (*above, key), value


def _get(tree: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _block_of(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what of a key names the parameter in its block, without the layer that it stands in."""
    for start in (0, 2, 4):  # itself, kinds.K or datasets.D, datasets.D.kinds.K
        if keys[start : start + 1] and keys[start] in BLOCKS:
            return keys[start:]
    return None


def _why(params: dict, dataset: str, keys: tuple[str, ...], parameter: tuple[str, ...]) -> str:
    kinds = [("datasets", dataset, "kinds", kind) for kind in params.get("kinds", {})]
    for layer in (("datasets", dataset), *kinds, ()):
        other = (*layer, *parameter)
        if other != keys and _get(params, other) is not None:
            return f"{'.'.join(other)} says {_get(params, other)}; set that"
    return "nothing that it runs reads this"
