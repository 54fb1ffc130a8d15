"""The blocks of params.yaml as types. No defaults here: every value stands in params.yaml, once."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from wsss.config.block import Block, Count, Positive, Rate, Scales, Whole
from wsss.config.data_block import Data, Splits
from wsss.config.training_blocks import Augmentation, MaskTraining, Optimizer, Training

__all__ = ["BLOCKS", "HEADS", "Augmentation", "Data", "Optimizer", "Splits", "Training"]  # with the blocks defined here


class Seed(Training):
    """Training the seed network (paper, eqs. 5-9)."""

    backbone: str
    weights: str | None
    output_stride: Literal[8, 16, 32]
    head_dropout: Rate
    mapping: Literal["cam", "mil", "mct", "cm"]
    tau1: Positive | None
    background_logit: float
    regularization: Literal["none", "gt", "oaa", "aa"]
    regularization_weight: Annotated[float, Field(ge=0)] | None
    tau2: Positive | None
    gt_scale: Annotated[float, Field(gt=0, le=1)] | None
    oaa_resolution: Count | None
    ema_decay: Rate | None
    teacher_drop_path: Rate | None
    drop_path_low: Rate | None
    drop_path_high: Rate | None
    dropout_low: Rate | None
    dropout_high: Rate | None
    schedule: Literal["fixed", "linear", "self_adaptive"] | None
    schedule_momentum: Rate | None

    @model_validator(mode="before")
    @classmethod
    def _forget_what_has_no_effect(cls, keys: object) -> object:
        """Set to None what this mapping and regularisation never read, so that equal runs have equal parameters."""
        if not isinstance(keys, dict):
            return keys
        used = _keys_in_use(keys.get("mapping"), keys.get("regularization"), keys.get("schedule"))
        return keys | {key: None for key in _CONDITIONAL if key not in used and key in keys}

    @model_validator(mode="after")
    def _have_what_has_an_effect(self) -> Seed:
        for key in _keys_in_use(self.mapping, self.regularization, self.schedule):
            if getattr(self, key) is None:
                raise ValueError(f"{key} is null, but mapping {self.mapping!r} and {self.regularization!r} need it")
        return self

    @model_validator(mode="after")
    def _mapping_has_what_is_regularized(self) -> Seed:
        if self.mapping == "mct" and self.regularization != "none":
            raise ValueError(
                f"regularization {self.regularization!r} compares two views of alpha, and mapping 'mct' has none: its "
                "seeds are attention, not activation; use regularization=none, or mapping=cam or cm"
            )
        return self


_OF_MAPPING = {"cm": ("tau1",)}
_AGREEMENT = ("regularization_weight", "tau2")
_ADJUSTMENT = ("ema_decay", "teacher_drop_path", "drop_path_low", "drop_path_high", "dropout_low", "dropout_high")
_OF_REGULARIZATION = {
    "gt": (*_AGREEMENT, "gt_scale"),
    "oaa": (*_AGREEMENT, "oaa_resolution"),
    "aa": (*_AGREEMENT, *_ADJUSTMENT, "schedule"),
}
_OF_SCHEDULE = {"self_adaptive": ("schedule_momentum",)}
_CONDITIONAL = {
    key for keys_of in (_OF_MAPPING, _OF_REGULARIZATION, _OF_SCHEDULE) for keys in keys_of.values() for key in keys
}


def _keys_in_use(mapping: object, regularization: object, schedule: object) -> tuple[str, ...]:
    """Return those of the conditional keys that a seed network of these three reads."""
    keys = _OF_MAPPING.get(str(mapping), ()) + _OF_REGULARIZATION.get(str(regularization), ())
    return keys + (_OF_SCHEDULE.get(str(schedule), ()) if "schedule" in keys else ())


class Extract(Block):
    """Seeds from the trained network."""

    scales: Scales
    flip: bool
    seed_map: Literal["activation", "alpha"]
    patch_affinity: bool


class Crf(Block):
    """Dense CRF (Krähenbühl & Koltun 2011, eq. 3): widths in pixels (sxy), colour levels (srgb), weights (compat)."""

    iterations: Count
    gaussian_sxy: Positive
    gaussian_compat: Positive
    bilateral_sxy: Positive
    bilateral_srgb: Positive
    bilateral_compat: Positive


class AffinityLabels(Block):
    """Confident labels from two CRFs over the seeds."""

    low_alpha: Positive
    high_alpha: Positive
    crf: Crf


class Affinity(MaskTraining):
    """Training AffinityNet."""

    backbone: str
    weights: str | None
    stride: Literal[4, 8, 16]
    radius: Annotated[int, Field(ge=2)]


class Mask(Block):
    """Random walk from seeds to masks."""

    background_alpha: Positive
    beta: Positive
    log_t: Whole


SEED_NETWORK = "seed_network"  # as `segmentation.weights`: start from the trained seed network

Head = Literal["large_fov", "aspp", "small"]
HEADS: tuple[str, ...] = get_args(Head)


class Segmentation(MaskTraining):
    """Training the segmentation network."""

    supervision: Literal["masks", "ground_truth"]
    backbone: str
    weights: str | None
    output_stride: Literal[4, 8, 16]
    head: Head


class Predict(Block):
    """Multi-scale inference of the segmentation network; `crf: null` switches the CRF off."""

    scales: Scales
    flip: bool
    merge: Literal["max", "mean"]
    crf: Crf | None


class Compare(Block):
    """Experiments shown beside main in the summary and the figures: {label: variant}."""

    seeds: dict[str, str]
    val: dict[str, str]


class Backbones(Block):
    """The network of each kind that the paper's tables compare; null leaves its rows out."""

    transformer: str | None
    cnn: str | None


class SegmentationNetworks(Block):
    """The experiment (a variant) that stands beside the paper's with each segmentation network; null: none."""

    resnet38: str | None
    resnet101: str | None


class Tables(Block):
    """How the paper's tables and claims (workflow/tables.yaml) are run."""

    backbones: Backbones
    segmentation: SegmentationNetworks
    seeds: Annotated[list[Whole], Field(min_length=1)]  # random seeds of every row
    claim_seeds: Annotated[list[Whole], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_seed_once(self) -> Tables:
        for key in ("seeds", "claim_seeds"):
            if len(set(getattr(self, key))) < len(getattr(self, key)):
                raise ValueError(f"{key} holds a random seed twice")
        return self


BLOCKS: dict[str, type[Block]] = {
    "data": Data,
    "seed": Seed,
    "extract": Extract,
    "affinity_labels": AffinityLabels,
    "affinity": Affinity,
    "mask": Mask,
    "segmentation": Segmentation,
    "predict": Predict,
    "compare": Compare,
    "tables": Tables,
}
