"""A scratch project: the whole workflow on a few images, with the networks, crops and batches of the whole data set."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from wsss.config import Parameters, read_params
from wsss.config.paths import expand_path
from wsss.config.stages import TRAININGS
from wsss.data.layouts.writing import link_or_copy, write_tables
from wsss.data.prepared import PreparedDataset

IMAGES = 16
LEAST_STEPS = 3  # of each training, as the first is not like the others
_COPIED = ("Snakefile", "workflow", "profiles")
_LINKED = ("wsss", "stages", "archives")  # archives: weights that a rule fetches, once for all


def make_scratch(project: Path, parameters: Parameters, data: Path, folder: Path) -> None:
    """Fill an empty `folder` with a project that goes this data set's whole way, on a few images.

    The first images of each split stand for all. The photos to train on are there several times, by other names, as
    often as full batches take; every network is trained for an epoch, or for the epochs that make three steps.

    Args:
        project: where Snakefile, params.yaml and the library are.
        parameters: of `main`.
        data: the prepared data set.
        folder: the scratch project.
    """
    for name in _COPIED:
        source = project / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder / name)
    for name in _LINKED:
        (project / name).mkdir(exist_ok=True)
        (folder / name).symlink_to((project / name).resolve())
    batches = {name: getattr(parameters, name).batch_size for name in TRAININGS.values()}
    copies = math.ceil(max(batches.values()) / IMAGES)
    params = read_params(project / "params.yaml")
    _shorten(params, parameters.dataset, batches, copies * IMAGES, project)
    (folder / "root").mkdir()  # before the data, which would be older than what they were made of
    (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
    _make_data(PreparedDataset(data), parameters, copies, folder / "data" / parameters.dataset)


def _shorten(params: dict[str, Any], name: str, batches: dict[str, int], images: int, project: Path) -> None:
    """Change params.yaml's content to short trainings, no comparisons, and paths that hold elsewhere."""
    params["dataset"] = name
    for block in ("files", "foreign"):
        params[block] = _absolute(params.get(block) or {}, project)
    entry = _absolute(params["datasets"][name], project)
    params["datasets"] = {name: entry}
    entry |= {"compare": {"seed_experiments": {}, "val_experiments": {}}, "jobs": {}, "watch": {"trackers": []}}
    if entry["data"].get("layout") != "mini":
        entry["data"] |= {"root": "root", "archives": None}  # of what is prepared, nothing is read any more
    for block, batch in batches.items():
        steps = max(images // batch, 1)
        own = entry.setdefault(block, {})
        own["epochs"] = math.ceil(LEAST_STEPS / steps)
        own["optimizer"] = {**own.get("optimizer", {}), "warmup_epochs": 0}


def _absolute(value: Any, project: Path) -> Any:
    """Return a value of params.yaml with absolute paths in place of those of files that lie in the project."""
    if isinstance(value, dict):
        return {key: _absolute(one, project) for key, one in value.items()}
    if isinstance(value, str) and "/" in value and "$" not in value:
        path = project / expand_path(value, "")
        return str(path.resolve()) if path.exists() else value
    return value


def _make_data(dataset: PreparedDataset, parameters: Parameters, copies: int, folder: Path) -> None:
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    chosen = parameters.data.splits
    splits: dict[str, list[str]] = {}
    labels: dict[str, np.ndarray] = {}
    named = (chosen.train, chosen.evaluate, chosen.val, chosen.test)
    for split in sorted({split for split in named if split is not None}):
        splits[split] = []
        for number in range(copies if split == chosen.train else 1):
            for image_id in dataset.split(split)[:IMAGES]:
                name = f"{image_id}~{number}" if number else image_id
                splits[split].append(name)
                _place(dataset.image_path(image_id), folder / "images", name)
                if dataset.has_mask(image_id):
                    _place(dataset.mask_path(image_id), folder / "masks", name)
                if dataset.knows_labels(image_id):
                    labels[name] = dataset.labels([image_id])[0]
    write_tables(folder, dataset.classes, splits, labels)


def _place(path: Path, folder: Path, name: str) -> None:
    target = folder / f"{name}{path.suffix}"
    if not target.is_symlink():  # in another split already
        link_or_copy(path.resolve(), target)
