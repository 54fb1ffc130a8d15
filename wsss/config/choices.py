"""The one table of every name that can be chosen: mappings, schedules, backgrounds, heads, layouts, backbones, others.

A name stands here and nowhere else. The types of `params.yaml`, its schema, which keys have an effect, the tables in
`docs/parameters.md` and the lists that the tests go through all follow from this file. Nothing is imported for a choice
until it is made: `load` then imports the file that `where` names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One name that a parameter can take.

    Attributes:
        where: "module:object", what is loaded when it is chosen.
        about: what it is, in a line, with its source.
        keys: keys of the same block that have an effect with this choice, and none without it (or another that names
            them).
    """

    where: str
    about: str
    keys: tuple[str, ...] = ()

    def load(self) -> Any:
        """Import the file of this choice and return what it defines for it."""
        module, _, name = self.where.partition(":")
        return getattr(import_module(module), name)


@dataclass(frozen=True)
class MappingChoice(Choice):
    """A mapping.

    Attributes:
        kinds: the kinds of network that it is defined for.
        has_alpha: whether its scores come from activations, so that there is an alpha (eq. 7) to regularise and a seed
            network that a segmentation network can start from.
    """

    kinds: tuple[str, ...] = ("transformer", "cnn")
    has_alpha: bool = True


@dataclass(frozen=True)
class LayoutChoice(Choice):
    """A layout; `keys` are those of the block `data` that it may have.

    Attributes:
        needs: keys that it must have.
        from_folders: whether it reads folders, `data.root` or what was unpacked; otherwise it draws what it needs.
        overlaps: which of several objects a pixel of its masks belongs to, where that is this project's choice.
    """

    needs: tuple[str, ...] = ()
    from_folders: bool = True
    overlaps: str | None = None


@dataclass(frozen=True)
class BackboneChoice(Choice):
    """A backbone of this project's own, beside those of timm.

    Attributes:
        kind: "transformer" or "cnn".
        is_small: so small that neither more cores nor a GPU would train it faster.
        fetched_weights: the file that `weights: imagenet` stands for (an archive of workflow/sources.yaml).
    """

    kind: str = "cnn"
    is_small: bool = False
    fetched_weights: str | None = None


MAPPINGS: Mapping[str, MappingChoice] = {
    "cam": MappingChoice("wsss.seed.mappings.cam:Cam", "global average pooling (eq. 3)"),
    "mil": MappingChoice("wsss.seed.mappings.mil:Mil", "log-sum-exp pooling (Pinheiro & Collobert 2015)"),
    "mct": MappingChoice(
        "wsss.seed.mappings.mct:Mct",
        "class tokens, as in MCTformer-V1 (eq. 10): transformers only, with `regularization=none`",
        kinds=("transformer",),
        has_alpha=False,
    ),
    "mct_v2": MappingChoice(
        "wsss.seed.mappings.mct_v2:MctV2",
        "class tokens and PatchCAM, as in MCTformer-V2 (table 2's 61.7): transformers only, with `regularization=none`",
        kinds=("transformer",),
        has_alpha=False,
    ),
    "cm": MappingChoice("wsss.seed.mappings.cm:Cm", "positions weighted by alpha^(1/tau1) (eq. 8)", ("tau1",)),
}

AGREEMENTS: Mapping[str, Choice] = {
    "printed": Choice("wsss.seed.regularization.agreement:printed", "powers of alpha as printed, not renormalised"),
    "distilled": Choice(
        "wsss.seed.regularization.agreement:distilled", "distillation: softmax(z / tau2), where tau2^2 comes from"
    ),
}

_AGREEMENT = ("regularization_weight", "tau2", "agreement")
REGULARIZATIONS: Mapping[str, Choice] = {
    "none": Choice("wsss.seed.regularization.base:Regularization", "the classification loss alone"),
    "gt": Choice(
        "wsss.seed.regularization.geometric_transform:GeometricTransform",
        "the second view is small and flipped (SEAM)",
        (*_AGREEMENT, "gt_scale"),
    ),
    "oaa": Choice(
        "wsss.seed.regularization.attention_accumulation:AttentionAccumulation",
        "the second view is what earlier crops have accumulated (OAA)",
        ("regularization_weight", "tau2", "oaa_resolution"),
    ),
    "aa": Choice(
        "wsss.seed.regularization.architecture_adjustment:ArchitectureAdjustment",
        "architecture adjustment: the second view is an EMA teacher's (eq. 9)",
        (
            *(*_AGREEMENT, "ema_decay", "teacher_drop_path", "drop_path_low", "drop_path_high"),
            *("dropout_low", "dropout_high", "schedule"),
        ),
    ),
}

SCHEDULES: Mapping[str, Choice] = {
    "fixed": Choice("wsss.seed.schedules.fixed:Fixed", "the full gap from the first step on"),
    "linear": Choice("wsss.seed.schedules.linear:Linear", "the gap grows with the training's progress"),
    "self_adaptive": Choice(
        "wsss.seed.schedules.self_adaptive:SelfAdaptive",
        "the gap grows with the positive classes' mean score (after FreeMatch)",
        ("schedule_momentum",),
    ),
}

LABELS: Mapping[str, Choice] = {
    "agreement": Choice(
        "wsss.affinity.confident_labels:agreement",
        "foreground and background where a strict and a generous background say so (PSA, MCTformer)",
        ("low_alpha", "high_alpha"),
    ),
    "confidence": Choice(
        "wsss.affinity.confident_labels:confidence",
        "the winners, where their probability is high (CLIP-ES)",
        ("confidence_alpha", "confidence"),
    ),
}

BACKGROUNDS: Mapping[str, Choice] = {
    "power": Choice(
        "wsss.affinity.background:power",
        "(1 - max)^alpha, which walks with the seeds (PSA)",
        ("background_alpha",),
    ),
    "constant": Choice(
        "wsss.affinity.background:constant",
        "a constant, which walks with the seeds (MCTformer)",
        ("background_score",),
    ),
    "irn": Choice(
        "wsss.affinity.background:after_walk",
        "a constant after the walk and a division by the largest score (IRN)",
        ("irn_score",),
    ),
    "best": Choice(
        "wsss.affinity.background:constant",
        "the constant that is best for the seeds of the split `evaluate`: needs its true masks",
    ),
    "auto": Choice(
        "wsss.affinity.background:constant",
        "a constant from the seeds alone: needs no true mask",
        ("foreground_share",),
    ),
}

HEADS: Mapping[str, Choice] = {
    "large_fov": Choice("wsss.models.heads.large_fov:large_fov", "DeepLab-v1, the paper's on ResNet38"),
    "aspp": Choice("wsss.models.heads.aspp:Aspp", "DeepLab-v2, with `segmentation.backbone=resnet101.tv_in1k`"),
    "small": Choice("wsss.models.heads.small:small", "for small images"),
}

LAYOUTS: Mapping[str, LayoutChoice] = {
    "mini": LayoutChoice(
        "wsss.data.layouts.mini:prepare",
        "drawn on the spot",
        needs=("image_size", "scenes", "random_seed"),
        from_folders=False,
    ),
    "labels": LayoutChoice(
        "wsss.data.layouts.labels:prepare",
        "photos, and a table of their labels",
        ("classes", "masks", "lists", "draw", "random_seed"),
        needs=("root", "labels"),
    ),
    "voc": LayoutChoice(
        "wsss.data.layouts.voc:prepare", "a folder in PASCAL VOC's layout", ("classes",), needs=("root",)
    ),
    "voc2012": LayoutChoice(
        "wsss.data.layouts.voc2012:prepare",
        "PASCAL VOC 2012 as published, with SBD's training images",
        ("root", "sources", "archives", "counts"),
    ),
    "coco": LayoutChoice(
        "wsss.data.layouts.coco:prepare",
        "photos and annotations in COCO's JSON",
        ("root", "sources", "archives", "photos", "counts"),
        needs=("annotations",),
        overlaps="the object of fewer pixels lies over the larger one; crowds lie below all others and are void",
    ),
}

BACKBONES: Mapping[str, BackboneChoice] = {
    "tiny_transformer": BackboneChoice(
        "wsss.models.tiny_transformer:tiny_transformer",
        "three of DeiT's blocks, 128 wide, behind a convolutional stem",
        kind="transformer",
        is_small=True,
    ),
    "tiny_cnn": BackboneChoice(
        "wsss.models.tiny_cnn:TinyCnn", "a residual network of 24 to 128 channels", is_small=True
    ),
    "resnet38": BackboneChoice(
        "wsss.models.resnet38:ResNet38",
        "the wide ResNet of PSA (model A1 of ademxapp)",
        fetched_weights="archives/ilsvrc-cls_rna-a1_cls1000_ep-0001.pth",
    ),
}


def keys_in_use(mapping: object, regularization: object, schedule: object) -> tuple[str, ...]:
    """Return the keys of the block `seed` that have an effect because of these three choices.

    A schedule counts only where the regularisation has one. What is no choice adds nothing; the types refuse it.
    """
    keys = _keys(MAPPINGS, mapping) + _keys(REGULARIZATIONS, regularization)
    return keys + (_keys(SCHEDULES, schedule) if "schedule" in keys else ())


CONDITIONAL_KEYS = frozenset(
    key for table in (MAPPINGS, REGULARIZATIONS, SCHEDULES) for choice in table.values() for key in choice.keys
)  # of the block `seed`: None where they have no effect


def _keys(table: Mapping[str, Choice], name: object) -> tuple[str, ...]:
    choice = table.get(str(name))
    return choice.keys if choice else ()
