"""What every training has: optimiser, augmentation, and how long it goes on."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from wsss.config.block import Block, Count, NotNegative, Positive, Range, Rate, WhereUsed, Whole


class Optimizer(Block):
    """One optimiser and learning-rate schedule; timm makes both."""

    name: Literal["adamw", "sgd"]
    lr: Positive
    lr_reference_batch: Count | None  # lr is scaled by batch_size / this (DeiT: 512)
    min_lr: NotNegative
    momentum: WhereUsed[Rate]  # of sgd
    weight_decay: NotNegative
    new_layer_lr: Positive  # factor for layers that no pretraining has seen
    bias_lr: Positive  # factor for biases
    schedule: Literal["cosine", "poly"]  # poly: power 0.9
    warmup_epochs: NotNegative

    @model_validator(mode="before")
    @classmethod
    def _forget_what_adamw_has_not(cls, keys: object) -> object:
        return keys | {"momentum": None} if isinstance(keys, dict) and keys.get("name") == "adamw" else keys

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


class MaskAugmentation(Augmentation):
    """How a training image and its mask are resized, cropped and coloured."""

    padding: Literal["void", "background"]  # what the mask says beyond the photo, where that is smaller than the crop


class Training(Block):
    """What every training has."""

    backbone: str
    weights: str | None
    epochs: Count
    batch_size: Count
    optimizer: Optimizer
    augmentation: Augmentation
    freeze: Literal["none", "batch_norm", "first_convolution", "stem", "trunk"]  # models/freeze.py says what each is
    random_seed: Whole


class MaskTraining(Training):
    """What every training on masks has."""

    augmentation: MaskAugmentation

    @model_validator(mode="after")
    def _image_and_mask_stay_aligned(self) -> MaskTraining:
        if self.augmentation.color == "deit":
            raise ValueError("augmentation.color 'deit' shears and rotates the photo but not its mask; use 'jitter'")
        return self
