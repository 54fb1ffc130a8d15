"""What must hold between two blocks of parameters: checked when they are resolved, before anything runs."""

from __future__ import annotations

from wsss.config.blocks import Affinity, Seed, Segmentation
from wsss.config.choices import MAPPINGS
from wsss.config.kinds import network_kind
from wsss.config.parameters import Parameters
from wsss.config.start import SEED_NETWORK
from wsss.errors import InputError


def check_consistency(parameters: Parameters) -> None:
    """Raise an `InputError` for the first two parameters that cannot go together."""
    kind_of("affinity.backbone", parameters.affinity.backbone)
    kind_of("segmentation.backbone", parameters.segmentation.backbone)
    _check_mapping(parameters)
    _check_pairs(parameters.affinity)
    if parameters.segmentation.weights == SEED_NETWORK:
        check_start(parameters.segmentation, parameters.seed)
    _check_tables(parameters)


def kind_of(key: str, backbone: object) -> str:
    """Return the kind of a network, naming `key` if there is none of this name."""
    try:
        return network_kind(str(backbone))
    except InputError as error:
        raise InputError(f"{key}: {error}") from None


def _check_mapping(parameters: Parameters) -> None:
    """Refuse what a mapping cannot go with: another kind of network, or what needs activations where it has none."""
    seed = parameters.seed
    mapping, kind = MAPPINGS[seed.mapping], kind_of("seed.backbone", seed.backbone)
    if kind not in mapping.kinds:
        others = " or ".join(name for name, choice in MAPPINGS.items() if kind in choice.kinds)
        raise InputError(
            f"seed.mapping: {seed.mapping!r} is for a {' or '.join(mapping.kinds)}, and {seed.backbone!r} is a {kind}; "
            f"use mapping={others}, or another backbone, e.g. "
            f"{'deit_small_patch16_224' if 'transformer' in mapping.kinds else 'resnet38'}"
        )
    if parameters.extract.seed_map == "alpha" and not mapping.has_alpha:
        raise InputError(
            f"extract.seed_map: 'alpha' is made of activations, and mapping {seed.mapping!r} has none; use "
            "extract.seed_map=activation, which stands for its attention maps"
        )


def _check_pairs(affinity: Affinity) -> None:
    """Refuse crops that hold no pair of cells, of which AffinityNet would learn nothing, at a loss of 0."""
    needed = (2 * (affinity.radius - 1)) * affinity.stride + 1  # pixels: one cell with all its neighbours beside it
    if affinity.augmentation.crop_size < needed:
        raise InputError(
            f"affinity.augmentation.crop_size: {affinity.augmentation.crop_size} pixels hold no pair within radius "
            f"{affinity.radius} at stride {affinity.stride}; give {needed} or more, or a smaller radius or stride"
        )


def check_start(segmentation: Segmentation, seed: Seed) -> None:
    """Refuse a segmentation network that is to start from a seed network which it cannot start from.

    `seed` is the block of the experiment that `segmentation.weights` name.
    """
    if not MAPPINGS[seed.mapping].has_alpha:
        raise InputError(
            f"segmentation.weights: a seed network of mapping {seed.mapping!r} has a class token per class, which no "
            f"segmentation network can start from; give other weights than {segmentation.weights}"
        )
    if segmentation.backbone != seed.backbone:
        raise InputError(
            f"segmentation.weights: {segmentation.weights} is a {seed.backbone!r}, but segmentation.backbone is "
            f"{segmentation.backbone!r}; make them equal, or start from other weights"
        )


def _check_tables(parameters: Parameters) -> None:
    """Refuse a backbone that is named for the other kind's rows."""
    for kind, backbone in parameters.tables.backbones.model_dump().items():
        if backbone is not None and kind_of(f"tables.backbones.{kind}", backbone) != kind:
            raise InputError(f"tables.backbones.{kind}: {backbone!r} is no {kind}; name one, or null to leave it out")
