"""One name for equal settings: the variant under which a stage runs, however an experiment was asked for."""

from __future__ import annotations

from wsss.config.blocks import BLOCKS
from wsss.config.resolve import resolve
from wsss.config.stages import blocks_of
from wsss.config.variant import RECIPE, join_variant, split_variant
from wsss.errors import InputError


def stage_variant(variant: str, stage: str, params: dict, dataset: str) -> str:
    """Return the variant under whose name `stage` runs for `variant`: only overrides that reach the stage.

    Args:
        variant: as asked for, e.g. `"mask.beta=4,tau1=0.5"`, in any order.
        stage: e.g. `"train_seed"`, for which that is `"tau1=0.5"`.
        params: the content of params.yaml.
        dataset: the data set's name.
    """
    parameters, overrides = resolve(params, dataset, variant), split_variant(variant)
    blocks = blocks_of(stage, parameters)
    wanted = parameters.blocks(blocks)
    kept = {key: value for key, value in overrides.items() if key.split(".")[0] in (*blocks, RECIPE)}
    if not _gives(
        kept, params, dataset, wanted
    ):  # the backbone decides the recipe, also where no seed network is needed
        kept = overrides
    return canonical_variant(kept, params, dataset, blocks)


def canonical_variant(
    overrides: dict[str, object], params: dict, dataset: str, blocks: tuple[str, ...] = tuple(BLOCKS)
) -> str:
    """Return the one name of these overrides: those dropped without which the parameters of `blocks` are the same.

    So a variant that equals main is main, and a setting has one folder however it is asked for.
    """
    kept = dict(overrides)
    wanted = resolve(params, dataset, kept).blocks(blocks)
    for key in sorted(kept, key=lambda key: (key == "seed.backbone", key)):
        without = {other: value for other, value in kept.items() if other != key}
        if _gives(without, params, dataset, wanted):
            kept = without
    return join_variant(kept)


def _gives(overrides: dict[str, object], params: dict, dataset: str, wanted: dict[str, object]) -> bool:
    """Return whether overrides give these blocks; they do not where they make no sense without others."""
    try:
        return resolve(params, dataset, overrides).blocks(tuple(wanted)) == wanted
    except InputError:
        return False
