"""The experiments that a page shows, and the folders of pictures that each has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STEPS = {"seed": "seeds", "mask": "masks", "val": "predictions"}  # what is measured, in the order of the pipeline
LAYER_OF = {"seed": "seed", "mask": "mask", "val": "prediction"}  # what is drawn of it


@dataclass(frozen=True)
class Experiment:
    """One experiment: its label, its variant, and what it has of each step.

    folders: {"seeds", "labels", "masks", "predictions": folder}, those that are its own.
    metrics: {step: content of its metrics file}; empty where there are no true masks.
    rows: {step: the CSV file beside it}.
    quality: content of `mask_quality.json`, of masks that nothing is measured on.
    """

    label: str
    variant: str
    folders: Mapping[str, Path] = field(default_factory=dict)
    metrics: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    rows: Mapping[str, Path] = field(default_factory=dict)
    quality: Mapping[str, Any] | None = None


def shown_variants(seed_experiments: Mapping[str, str], val_experiments: Mapping[str, str]) -> dict[str, str]:
    """Return {label: variant} of the experiments of params.yaml's `compare`, each label once.

    A label that stands for two variants is, of the one compared by its predictions, followed by (val).
    """
    shown = dict(seed_experiments)
    for label, variant in val_experiments.items():
        shown[label if shown.get(label, variant) == variant else f"{label} (val)"] = variant
    return shown
