"""The seed network that parameters ask for, to be trained or to be loaded into."""

from __future__ import annotations

from pathlib import Path

from wsss.config.blocks import Seed
from wsss.config.choices import MAPPINGS
from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import SeedNetwork


def create_seed_network(settings: Seed, num_classes: int, weights: Path | str | None = None) -> SeedNetwork:
    """Return the network that the mapping trains, for C = `num_classes` foreground classes.

    `weights` of the backbone are what `wsss.models.create_backbone` takes; None for random ones. Its drop path is
    `settings.drop_path`, for a backbone without any an `InputError`.
    """
    backbone = create_backbone(settings.backbone, weights, settings.output_stride)
    if settings.drop_path is not None:
        if not backbone.has_drop_path:
            raise InputError(f"seed.drop_path: {backbone.name!r} has none that could be set; use drop_path=null")
        backbone.set_drop_path(settings.drop_path)
    return MAPPINGS[settings.mapping].load()(settings).network(backbone, num_classes)
