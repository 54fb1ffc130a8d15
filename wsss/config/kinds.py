"""Which kind of network a backbone's name stands for. Imports torch only for names it has not seen."""

from __future__ import annotations

import re
from functools import cache

from wsss.config.choices import BACKBONES
from wsss.errors import InputError, did_you_mean

KINDS = ("transformer", "cnn")
_WELL_KNOWN = {"deit_small_patch16_224": "transformer", "tf_efficientnet_lite0": "cnn"}  # spares an import of timm
_PLAIN_TRANSFORMERS = ("vision_transformer", "deit", "eva")  # timm's files of them, as are the names below
_CNNS_BY_ANOTHER_NAME = ("repvit",)
_OTHERS = {  # what is in a file's name, and why its networks are neither; the first that fits
    r"swin|pvt|^nest|hiera|twins|mvit|davit|gcvit|sam|tiny_vit": "attends within windows or to pooled patches, so that "
    "no layer tells what each patch takes from every other",
    r"hybrid|former|maxx|mobilevit|edgenext|efficientvit|levit|fastvit|shvit|nextvit|vitamin|convit|coat": "mixes "
    "convolutions with attention",
    r"mlp|sequencer": "mixes patches without attention",
    r"vit|beit|cait|xcit|tnt|volo|pit|relpos": "has attention of another kind than ViT's",
}


@cache
def network_kind(backbone: str) -> str:
    """Return "transformer" for plain vision transformers (docs/backbones.md), "cnn" for convolutional networks.

    Args:
        backbone: one of this project's own (`wsss.config.choices.BACKBONES`) or any timm name.

    Raises:
        InputError: no such network or weights, naming the nearest that exist, or a network of neither kind.
    """
    if backbone in BACKBONES:
        return BACKBONES[backbone].kind
    if backbone in _WELL_KNOWN:
        return _WELL_KNOWN[backbone]
    import timm
    from timm.models import get_arch_pretrained_cfgs, model_entrypoint

    name, _, tag = backbone.partition(".")
    if not timm.is_model(name):
        raise InputError(f"no network {backbone!r}{did_you_mean(name, [*BACKBONES, *timm.list_models()])}")
    published = get_arch_pretrained_cfgs(name)
    if tag and backbone not in published:
        raise InputError(f"no weights {tag!r} of {name!r}{did_you_mean(backbone, list(published))}")
    module = model_entrypoint(name).__module__.rsplit(".", 1)[-1]
    if module in _PLAIN_TRANSFORMERS:
        return "transformer"
    reason = next((reason for pattern, reason in _OTHERS.items() if re.search(pattern, module)), None)
    if reason and module not in _CNNS_BY_ANOTHER_NAME:
        raise InputError(
            f"{backbone!r} is neither a plain vision transformer nor convolutional: it {reason}. USAGE is defined for "
            "those two kinds, e.g. deit_small_patch16_224 or resnet50; docs/backbones.md has more"
        )
    return "cnn"
