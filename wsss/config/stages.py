"""Which blocks of parameters each stage depends on, directly or through the stages before it."""

from __future__ import annotations

from wsss.config.blocks import SEED_NETWORK, Segmentation

_SEED = ("data", "seed")
_SEEDS = (*_SEED, "extract")
_LABELS = (*_SEEDS, "affinity_labels")
_AFFINITY = (*_LABELS, "affinity")
_MASKS = (*_AFFINITY, "mask")
_SEGMENTATION = (*_MASKS, "segmentation")
_PREDICTIONS = (*_SEGMENTATION, "predict")

STAGES: dict[str, tuple[str, ...]] = {
    "prepare_data": ("data",),
    "train_seed": _SEED,
    "extract_features": _SEED,
    "extract_seed": _SEEDS,
    "evaluate_seed": _SEEDS,
    "label_affinity": _LABELS,
    "train_affinity": _AFFINITY,
    "make_mask": _MASKS,
    "evaluate_mask": _MASKS,
    "train_segmentation": _SEGMENTATION,
    "predict": _PREDICTIONS,
    "evaluate_val": _PREDICTIONS,
    "summarize_val": (*_PREDICTIONS, "compare"),
    "export_test": _PREDICTIONS,
}
_TRUE_MASKS = ("data", "segmentation", "predict")  # all that matters when the true masks supervise


def blocks_of(stage: str, segmentation: Segmentation) -> tuple[str, ...]:
    """Return the blocks on which `stage` depends; supervised by ground truth, no seed reaches the segmentation."""
    blocks = STAGES[stage]
    if segmentation.supervision == "ground_truth" and "segmentation" in blocks:
        start = ("seed",) if segmentation.weights == SEED_NETWORK else ()
        return tuple(block for block in blocks if block in _TRUE_MASKS + start)
    return blocks
