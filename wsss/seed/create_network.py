"""The seed network that parameters ask for, to be trained or to be loaded into."""

from __future__ import annotations

import sys
from pathlib import Path

from torch import Tensor

from wsss.config.blocks import Seed
from wsss.config.choices import MAPPINGS
from wsss.config.paths import expand_path
from wsss.errors import InputError
from wsss.models.class_token_network import ClassTokenNetwork
from wsss.models.class_token_weights import class_tokens
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import SeedNetwork
from wsss.models.weights import read_weights
from wsss.seed.mappings.base import Mapping


def create_seed_network(settings: Seed, num_classes: int, weights: Path | str | None = None) -> SeedNetwork:
    """Return the network that the mapping trains, for C = `num_classes` foreground classes.

    `weights` are the backbone's, what `wsss.models.create_backbone` takes, or None for random ones. With a mapping that
    has class tokens they may also be a file with a token for each class, MCTformer's or of a network trained here. The
    backbone's drop path is `settings.drop_path`, for one without any an `InputError`.
    """
    mapping: Mapping = MAPPINGS[settings.mapping].load()(settings)
    start = _class_token_weights(settings, num_classes, weights)
    backbone = create_backbone(settings.backbone, weights if start is None else None, settings.output_stride)
    if settings.drop_path is not None:
        if not backbone.has_drop_path:
            raise InputError(f"seed.drop_path: {backbone.name!r} has none that could be set; use drop_path=null")
        backbone.set_drop_path(settings.drop_path)
    network = mapping.network(backbone, num_classes)
    if start is not None:
        assert isinstance(network, ClassTokenNetwork)  # what mappings without alpha train
        for message in network.start_from(start, str(weights)):
            print(message, file=sys.stderr)
    return network


def _class_token_weights(settings: Seed, num_classes: int, weights: Path | str | None) -> dict[str, Tensor] | None:
    """Return what the file `weights` holds if that has a token for each class already; else it is a backbone's."""
    if MAPPINGS[settings.mapping].has_alpha or weights in (None, "imagenet"):
        return None
    read = read_weights(expand_path(str(weights), f"weights of {settings.backbone}"))
    return read if class_tokens(read) > 1 or class_tokens(read) == num_classes else None
