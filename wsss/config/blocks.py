"""The blocks of params.yaml as types. No defaults here: every value stands in params.yaml, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from wsss.config.block import (
    NOT_GIVEN,
    Block,
    ChoosingBlock,
    Count,
    NotNegative,
    Positive,
    Rate,
    Scales,
    Share,
    SourcedBlock,
    WhereUsed,
    Whole,
)
from wsss.config.choices import (
    AGREEMENTS,
    BACKGROUNDS,
    CONDITIONAL_KEYS,
    HEADS,
    LABELS,
    MAPPINGS,
    REGULARIZATIONS,
    SCHEDULES,
    keys_in_use,
)
from wsss.config.data_block import Data, Splits
from wsss.config.plain_name import check_label
from wsss.config.start import with_one_name
from wsss.config.training_blocks import Augmentation, MaskAugmentation, MaskTraining, Optimizer, Training

# with the blocks defined here
__all__ = ["BLOCKS", "Augmentation", "Data", "MaskAugmentation", "MaskTraining", "Optimizer", "Splits", "Training"]

if TYPE_CHECKING:
    MappingName = str
    RegularizationName = str
    AgreementName = str
    ScheduleName = str
    HeadName = str
    LabelsName = str
    BackgroundName = str
else:  # the keys of the tables of choices
    MappingName = Literal[tuple(MAPPINGS)]
    RegularizationName = Literal[tuple(REGULARIZATIONS)]
    AgreementName = Literal[tuple(AGREEMENTS)]
    ScheduleName = Literal[tuple(SCHEDULES)]
    HeadName = Literal[tuple(HEADS)]
    LabelsName = Literal[tuple(LABELS)]
    BackgroundName = Literal[tuple(BACKGROUNDS)]


class Seed(Training):
    """Training the seed network (paper, eqs. 5-9)."""

    output_stride: Literal[8, 16, 32]
    head_dropout: Rate
    drop_path: Rate | None  # null: none; without effect where the regularisation has rates of its own
    mapping: MappingName
    tau1: WhereUsed[Positive]
    background_logit: float
    regularization: RegularizationName
    regularization_weight: WhereUsed[NotNegative]
    agreement: WhereUsed[AgreementName]
    tau2: WhereUsed[Positive]
    gt_scale: WhereUsed[Annotated[float, Field(gt=0, le=1)]]
    oaa_resolution: WhereUsed[Count]
    ema_decay: WhereUsed[Rate]
    teacher_drop_path: WhereUsed[Rate]
    drop_path_low: WhereUsed[Rate]
    drop_path_high: WhereUsed[Rate]
    dropout_low: WhereUsed[Rate]
    dropout_high: WhereUsed[Rate]
    schedule: WhereUsed[ScheduleName]
    schedule_momentum: WhereUsed[Rate]

    @model_validator(mode="before")
    @classmethod
    def _forget_what_has_no_effect(cls, keys: object) -> object:
        """Set to None what this mapping and regularisation never read, so that equal runs have equal parameters."""
        if not isinstance(keys, dict):
            return keys
        used = keys_in_use(keys.get("mapping"), keys.get("regularization"), keys.get("schedule"))
        unused = {key for key in CONDITIONAL_KEYS if key not in used and key in keys}
        if "drop_path" in keys and ("drop_path_high" in used or keys["drop_path"] == 0):
            unused.add("drop_path")
        return keys | dict.fromkeys(unused)

    @model_validator(mode="after")
    def _have_what_has_an_effect(self) -> Seed:
        for key in keys_in_use(self.mapping, self.regularization, self.schedule):
            if getattr(self, key) is None:
                raise ValueError(f"{key} is null, but mapping {self.mapping!r} and {self.regularization!r} need it")
        return self

    @model_validator(mode="after")
    def _mapping_has_what_is_regularized(self) -> Seed:
        if not MAPPINGS[self.mapping].has_alpha and self.regularization != "none":
            raise ValueError(
                f"regularization {self.regularization!r} compares two views of alpha, and mapping {self.mapping!r} "
                "has none: its seeds are attention, not activation; use regularization=none, or mapping=cam or cm"
            )
        return self


class Extract(SourcedBlock):
    """Seeds from the trained network, or those of another method."""

    needs: ClassVar = ("scales", "flip", "seed_map", "patch_affinity", "normalize")

    scales: WhereUsed[Scales] = NOT_GIVEN
    flip: WhereUsed[bool] = NOT_GIVEN
    seed_map: WhereUsed[Literal["activation", "alpha"]] = NOT_GIVEN
    patch_affinity: WhereUsed[bool] = NOT_GIVEN
    normalize: WhereUsed[Literal["max", "min_max"]] = NOT_GIVEN


class Crf(Block):
    """Dense CRF (Krähenbühl & Koltun 2011, eq. 3): widths in pixels (sxy), colour levels (srgb), weights (compat)."""

    iterations: Count
    gaussian_sxy: Positive
    gaussian_compat: Positive
    bilateral_sxy: Positive
    bilateral_srgb: Positive
    bilateral_compat: Positive


class AffinityLabels(ChoosingBlock):
    """Confident labels from CRFs over the seeds."""

    chooses: ClassVar = ("labels", LABELS)

    labels: LabelsName
    low_alpha: WhereUsed[Positive] = NOT_GIVEN
    high_alpha: WhereUsed[Positive] = NOT_GIVEN
    confidence_alpha: WhereUsed[Positive] = NOT_GIVEN
    confidence: WhereUsed[Share] = NOT_GIVEN
    crf: Crf


class Affinity(MaskTraining):
    """Training AffinityNet."""

    stride: Literal[4, 8, 16]
    radius: Annotated[int, Field(ge=2)]


class Mask(SourcedBlock, ChoosingBlock):
    """Random walk from seeds to masks, or masks of another method."""

    needs: ClassVar = ("background", "beta", "log_t")
    chooses: ClassVar = ("background", BACKGROUNDS)

    background: WhereUsed[BackgroundName] = NOT_GIVEN
    background_alpha: WhereUsed[Positive] = NOT_GIVEN
    background_score: WhereUsed[Share] = NOT_GIVEN
    irn_score: WhereUsed[Share] = NOT_GIVEN
    foreground_share: WhereUsed[Share] = NOT_GIVEN
    beta: WhereUsed[Positive] = NOT_GIVEN
    log_t: WhereUsed[Whole] = NOT_GIVEN


class Segmentation(MaskTraining):
    """Training the segmentation network."""

    supervision: Literal["masks", "ground_truth"]
    output_stride: Literal[4, 8, 16]
    head: HeadName
    weights: Annotated[str | None, AfterValidator(with_one_name)]
    loss_scales: Scales | None  # further scales of a crop that the loss counts (DeepLab-v2); null: none


class Predict(Block):
    """Multi-scale inference of the segmentation network; `crf: null` switches the CRF off."""

    scales: Scales
    flip: bool
    merge: Literal["max", "mean"]
    crf: Crf | None


class Compare(Block):
    """Experiments shown beside main in the summary and the figures: {label: variant}."""

    seed_experiments: dict[str, str]  # by their seeds
    val_experiments: dict[str, str]  # by their predictions on val

    @field_validator("*")
    @classmethod
    def _labels_are_plain(cls, experiments: dict[str, str]) -> dict[str, str]:
        for label in experiments:
            check_label(label)
        return experiments


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
    random_seeds: Annotated[list[Whole], Field(min_length=1)]  # of every row
    claim_random_seeds: Annotated[list[Whole], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_random_seed_once(self) -> Tables:
        for key in ("random_seeds", "claim_random_seeds"):
            if len(set(getattr(self, key))) < len(getattr(self, key)):
                raise ValueError(f"{key} holds a random seed twice")
        return self


class Jobs(Block):
    """How work is divided; no result depends on it, and changing it makes nothing again."""

    over_images: Annotated[int, Field(ge=1)] = 1  # of each stage of `wsss.config.stages.OVER_IMAGES`, for one product


Tracker = Literal[  # as accelerate names them
    "tensorboard", "wandb", "trackio", "comet_ml", "aim", "mlflow", "clearml", "dvclive", "swanlab"
]


class Watch(Block):
    """What one sees of a training while it runs; no result depends on it."""

    trackers: list[Tracker] = ["tensorboard"]  # their files are in logs/watch
    every: Count = 5  # epochs from one set of pictures to the next
    pictures: Whole = 8  # images whose seeds or predictions are shown, always the same
    val_images: Whole = 0  # on which mIoU is measured as often, for the eye alone: it chooses nothing


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
    "jobs": Jobs,
    "watch": Watch,
}
OF_DATASETS = ("data", "compare", "tables", "jobs", "watch")  # blocks that neither kinds nor variants change
