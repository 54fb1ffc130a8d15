"""Which parameters each stage depends on: through the stages before it, and those that it reads itself."""

from __future__ import annotations

from typing import Any

from wsss.config.parameters import Parameters
from wsss.config.start import SEED_NETWORK, start_experiment

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
    "evaluate_labels": _SEED,
    "extract_seed": _SEEDS,
    "evaluate_seed": _SEEDS,
    "label_affinity": _LABELS,
    "train_affinity": _AFFINITY,
    "make_mask": _MASKS,
    "evaluate_mask": _MASKS,
    "inspect_masks": _MASKS,
    "train_segmentation": _SEGMENTATION,
    "predict": _PREDICTIONS,
    "evaluate_val": _PREDICTIONS,
    "summarize_val": (*_PREDICTIONS, "compare"),
    "export_test": _PREDICTIONS,
    "export_model": _PREDICTIONS,
    "export_onnx": _PREDICTIONS,
    "segment": _PREDICTIONS,
    "export_seed_model": _SEEDS,
    "export_seeds": _SEEDS,
    "export_crf": _LABELS,
    "export_masks": _MASKS,
    "export_labels": ("data",),
}
TRAININGS = {"train_seed": "seed", "train_affinity": "affinity", "train_segmentation": "segmentation"}  # their blocks
ON_GPU = (*TRAININGS, "extract_seed", "extract_features", "evaluate_labels", "make_mask", "predict", "segment")
OVER_IMAGES = ("extract_seed", "label_affinity", "make_mask", "predict")  # which several jobs can share
_TRUE_MASKS = ("data", "segmentation", "predict")  # all that matters when the true masks supervise
_BEFORE_MASKS = ("seed", "extract", "affinity_labels", "affinity")  # what has no effect on masks of another method

_MADE_OF = ("data.splits.train", "data.splits.evaluate")  # the images that have seeds and masks

# Blocks and keys that a stage's program reads. Which split a step takes is the step's affair, not that of the data.
READ: dict[str, tuple[str, ...]] = {
    "prepare_data": ("data",),
    "inspect_data": ("data.splits",),
    "train_seed": ("seed", "data.splits.train"),
    "extract_features": ("seed", "data.splits.evaluate"),
    "evaluate_labels": ("seed", "data.splits.val"),
    "extract_seed": ("seed", "extract", *_MADE_OF),
    "evaluate_seed": ("data.splits.evaluate", "data.layout"),
    "label_affinity": ("affinity_labels", "data.splits.train"),
    "train_affinity": ("affinity", "data.splits.train"),
    "make_mask": ("affinity", "mask", *_MADE_OF),
    "evaluate_mask": (
        *("data.splits.evaluate", "data.layout"),
        *("mask.background", "mask.background_score", "mask.irn_score"),
    ),
    "inspect_masks": ("data.splits.train",),
    "train_segmentation": ("segmentation", "data.splits.train"),
    "predict": ("segmentation", "predict", "data.splits.{split}"),
    "evaluate_val": ("data.splits.val", "data.layout"),
    "summarize_val": ("compare",),
    "export_test": ("data.splits.test",),
    "export_model": ("segmentation", "predict"),
    "export_seed_model": ("seed", "extract"),
    "export_seeds": _MADE_OF,
    "export_crf": ("affinity_labels", *_MADE_OF),
    "export_masks": _MADE_OF,
    "export_labels": ("data.splits.train",),
    "plot_overview": ("data.splits",),
    "plot_images": ("data.splits",),  # of the same program
    "plot_seeds": ("data.splits.evaluate", "data.splits.val"),
    "collect_tables": ("tables",),
    "smoke": ("seed", "extract", "affinity_labels", "affinity", "mask", "segmentation", "predict", "data.splits"),
    "make_page": ("data.splits", "compare"),
    "compare_page": ("data.splits", "compare"),  # of the same program, whose records call it make_page
}
# The step of `data.splits` on whose true masks a stage measures; without them it cannot run.
MEASURED: dict[str, str] = {"evaluate_seed": "evaluate", "evaluate_mask": "evaluate", "evaluate_val": "val"}
_ELSEWHERE = {("data", "splits"), ("data", "root"), ("data", "archives")}  # what is in a folder counts, not where it is


def blocks_of(stage: str, parameters: Parameters) -> tuple[str, ...]:
    """Return the blocks on which `stage` depends.

    Supervised by ground truth, no seed reaches the segmentation; seeds and masks of another method know nothing of what
    would have made ours.
    """
    blocks, segmentation = STAGES[stage], parameters.segmentation
    without = set(_replaced(stage, parameters))
    if "segmentation" in blocks:
        if segmentation.supervision == "ground_truth":
            without = set(blocks) - set(_TRUE_MASKS)
        if segmentation.weights == SEED_NETWORK:
            without.discard("seed")
    return tuple(block for block in blocks if block not in without)


def _replaced(stage: str, parameters: Parameters) -> tuple[str, ...]:
    """Return the blocks that have no effect on a stage, as files of another method stand for what they would make."""
    blocks = STAGES.get(stage, ())
    if "mask" in blocks and parameters.mask.source is not None:
        return _BEFORE_MASKS
    return ("seed",) if "extract" in blocks and parameters.extract.source is not None else ()


def source_of(stage: str, parameters: Parameters) -> str | None:
    """Return the name, under `foreign`, of the folder whose files a stage reads; None where it makes its own."""
    block = {"extract_seed": parameters.extract, "make_mask": parameters.mask}.get(stage)
    return None if block is None else block.source


def needed_stages(parameters: Parameters) -> frozenset[str]:
    """Return the stages on the way of an experiment, without those whose product is another method's."""
    needed = set(STAGES)
    if parameters.extract.source is not None or parameters.mask.source is not None:
        needed -= {"train_seed", "extract_features", "evaluate_labels"}
    if parameters.mask.source is not None:
        needed -= {"label_affinity", "train_affinity"}
        if parameters.extract.source is None:
            needed -= {"extract_seed", "evaluate_seed"}
    return frozenset(needed)


def settings_of(stage: str, parameters: Parameters, split: str = "val") -> dict[str, Any]:
    """Return {block or key: plain value} of what `stage` itself reads; nothing of a key that is None.

    What the stages before it read has its effect in what they make, and is not here; nor is where the user's own files
    and other methods' folders lie, as their content is an input of its own.

    Args:
        stage: one of `READ`; of another, nothing.
        split: of `predict`, val or test.
    """
    if stage == "resolve_params":
        return parameters.plain()
    settings = {}
    for name in READ.get(stage, ()):
        if name in _replaced(stage, parameters):
            continue
        value: Any = parameters.plain()
        for part in name.format(split=split).split("."):
            value = value.get(part) if value is not None else None
        if isinstance(value, dict):
            value = {
                key: _content_of(key, one, parameters) for key, one in value.items() if (name, key) not in _ELSEWHERE
            }
        if value is not None:
            settings[name] = value
    return settings


def _content_of(key: str, value: Any, parameters: Parameters) -> Any:
    """Return a setting, of a weights file, a seed network or a folder only that it is one: its content is an input."""
    if key == "from":
        return parameters.foreign_entry(value).model_dump(exclude_none=True)
    if key != "weights" or value == "imagenet":
        return value
    return "file" if start_experiment(value, SEED_NETWORK) is None else SEED_NETWORK
