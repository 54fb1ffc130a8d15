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
    blocks = blocks_of(stage, resolve(params, dataset, variant).segmentation)
    kept = {key: value for key, value in split_variant(variant).items() if key.split(".")[0] in (*blocks, RECIPE)}
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
        try:
            if resolve(params, dataset, without).blocks(blocks) == wanted:
                kept = without
        except InputError:  # the others make no sense without it: it stays
            continue
    return join_variant(kept)
