"""What a training starts from, where that is the seed network of an experiment."""

from __future__ import annotations

import re

MAIN = "main"  # the experiment without overrides
SEED_NETWORK = "seed_network"  # as `segmentation.weights`: that of the experiment itself


def start_experiment(weights: str | None, own: str) -> str | None:
    """Return the experiment (a variant) with whose seed network `weights` start; None for weights of another kind.

    Args:
        weights: of a block. `seed_network` is the experiment's `own`. Another one is named as in a path, with + for its
            commas: `backbone=resnet38+mapping=cam+regularization=none`, or `main`. What has a slash is a file.
        own: the experiment that has these weights.
    """
    if weights == SEED_NETWORK:
        return own
    if weights == MAIN:
        return MAIN
    return ",".join(_items(weights)) if _names_experiment(weights) else None


def with_one_name(weights: str | None) -> str | None:
    """Return the `weights` of a block, an experiment by the one name that it has in a path."""
    return "+".join(sorted(_items(weights))) if _names_experiment(weights) else weights


def _names_experiment(weights: str | None) -> bool:
    return weights is not None and "=" in weights and "/" not in weights


def _items(weights: str | None) -> list[str]:
    """Return the overrides in a name; a + before something without = joins the numbers of a list."""
    return re.split(r"[+,](?=[^+,=]+=)", weights or "")
