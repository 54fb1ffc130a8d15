"""The blocks of params.yaml as types. No defaults here: every value stands in params.yaml, once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Positive = Annotated[float, Field(gt=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]
Scales = Annotated[  # a variant of a single scale reads as a number
    list[Positive], Field(min_length=1), BeforeValidator(lambda value: value if isinstance(value, list) else [value])
]
Range = Annotated[list[Positive], Field(min_length=2, max_length=2)]


class Block(BaseModel):
    """A block of parameters that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Splits(Block):
    """Which list of images each step uses (names of files in `data/{dataset}/splits/`)."""

    train: str  # image-level labels only: seeds, masks and both later trainings
    evaluate: str  # images with true masks on which seeds and masks are measured
    val: str
    test: str | None


_KEYS: dict[str, tuple[set[str], set[str]]] = {  # by layout: the keys it needs, and those it may have beside them
    "mini": ({"image_size", "scenes", "random_seed"}, set()),
    "voc": ({"root"}, {"classes"}),
    "voc2012": (set(), {"root", "sources", "archives", "counts"}),
    "coco": ({"annotations"}, {"root", "sources", "archives", "photos", "counts"}),
}


class Data(Block):
    """Where a data set comes from, by its layout.

    mini: drawn on the spot. voc: a folder in VOC layout. voc2012: VOC 2012 as published, with SBD's
    training images. coco: photos and annotations in COCO's JSON. The last two are fetched (`sources`), unless `root`
    names a folder that holds them.
    """

    layout: Literal["mini", "voc", "voc2012", "coco"]
    splits: Splits
    root: str | None = None  # a folder, or ${VARIABLE}
    sources: str | None = None  # a name in workflow/sources.yaml: what is fetched where there is no root
    archives: str | None = None  # a folder that has (some of) these archives already; null: archives/
    annotations: dict[str, str] | None = None  # {split: JSON file below root}
    photos: dict[str, str] | None = None  # {split: folder of its photos below root}; null: found by name
    counts: dict[str, Count] | None = None  # {split: number of images it must have}; null: any
    classes: list[str] | None = None
    image_size: Annotated[int, Field(ge=32)] | None = None
    scenes: dict[Literal["train", "val", "test"], Count] | None = None
    random_seed: Whole | None = None

    @model_validator(mode="after")
    def _keys_fit_the_layout(self) -> Data:
        needed, optional = _KEYS[self.layout]
        given = {key for key, value in self if value is not None} - {"layout", "splits"}
        if missing := sorted(needed - given):
            raise ValueError(f"layout {self.layout!r} needs {', '.join(missing)}")
        if wrong := sorted(given - needed - optional):
            takes = ", ".join(sorted(needed | optional))
            raise ValueError(f"layout {self.layout!r} takes {takes}, and not {', '.join(wrong)}")
        if "sources" in optional and self.root is None and self.sources is None:
            raise ValueError(f"layout {self.layout!r} needs root (a folder) or sources (in workflow/sources.yaml)")
        return self


class Optimizer(Block):
    """One optimiser and learning-rate schedule; timm makes both."""

    name: Literal["adamw", "sgd"]
    lr: Positive
    lr_reference_batch: Count | None  # lr is scaled by batch_size / this (DeiT: 512)
    min_lr: Annotated[float, Field(ge=0)]
    momentum: Rate | None  # of sgd
    weight_decay: Annotated[float, Field(ge=0)]
    new_layer_lr: Positive  # factor for layers that no pretraining has seen
    bias_lr: Positive  # factor for biases
    schedule: Literal["cosine", "poly"]  # poly: power 0.9
    warmup_epochs: Annotated[float, Field(ge=0)]

    @model_validator(mode="after")
    def _momentum_of_sgd(self) -> Optimizer:
        if self.name == "sgd" and self.momentum is None:
            raise ValueError("sgd needs a momentum (0 for none)")
        return self


class Augmentation(Block):
    """How a training image is resized, cropped and coloured."""

    resize: Literal["area", "long_side", "factor"]  # what `range` is: share of the area, pixels, or a factor
    range: Range
    crop_size: Count
    color: Literal["deit", "jitter", "none"]

    @model_validator(mode="after")
    def _range_is_one(self) -> Augmentation:
        low, high = self.range
        if low > high or (self.resize == "area" and high > 1):
            raise ValueError(f"range {self.range} is not [low, high]{' of shares up to 1' * (self.resize == 'area')}")
        return self


class Training(Block):
    """What every training has."""

    epochs: Count
    batch_size: Count
    optimizer: Optimizer
    augmentation: Augmentation
    freeze: Literal["none", "batch_norm", "stem"]  # stem: batch norm, stem and first stage
    random_seed: Whole


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
    """Dense CRF (Kraehenbuehl & Koltun): spatial and bilateral kernels."""

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


class MaskTraining(Training):
    """What every training on masks has."""

    @model_validator(mode="after")
    def _image_and_mask_stay_aligned(self) -> MaskTraining:
        if self.augmentation.color == "deit":
            raise ValueError("augmentation.color 'deit' shears and rotates the photo but not its mask; use 'jitter'")
        return self


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


class Segmentation(MaskTraining):
    """Training the segmentation network."""

    supervision: Literal["masks", "ground_truth"]
    backbone: str
    weights: str | None
    output_stride: Literal[4, 8, 16]
    head: Literal["large_fov", "aspp", "small"]


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


class Tables(Block):
    """How the paper's tables and claims (workflow/tables.yaml) are run."""

    backbones: Backbones
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
