"""Which kind of network a backbone's name stands for. Imports torch only for names it has not seen."""

from __future__ import annotations

import re
from functools import cache

from wsss.config.choices import BACKBONES
from wsss.errors import InputError, did_you_mean

KINDS = ("transformer", "cnn")
_WELL_KNOWN = {"deit_small_patch16_224": "transformer", "tf_efficientnet_lite0": "cnn"}  # spares an import of timm


@cache
def network_kind(backbone: str) -> str:
    """Return "transformer" for plain vision transformers (ViT, DeiT, EVA-02, DINOv3), "cnn" for convolutional networks.

    Args:
        backbone: one of this project's own (`wsss.config.choices.BACKBONES`) or any timm name.

    Raises:
        InputError: no such network, naming the nearest one that exists.
    """
    if backbone in BACKBONES:
        return BACKBONES[backbone].kind
    if backbone in _WELL_KNOWN:
        return _WELL_KNOWN[backbone]
    import timm
    from timm.models import model_entrypoint

    name = backbone.split(".")[0]
    if not timm.is_model(name):
        raise InputError(f"no network {backbone!r}{did_you_mean(name, [*BACKBONES, *timm.list_models()])}")
    module = model_entrypoint(name).__module__.rsplit(".", 1)[-1]
    if module in ("vision_transformer", "deit", "eva"):
        return "transformer"
    if re.search(r"former|vit|swin|beit|mixer|mlp|cait|xcit|coat|twins|pit|tnt|volo", module):
        raise InputError(
            f"{backbone!r} is neither a plain vision transformer nor convolutional; "
            "USAGE is defined for those two kinds, e.g. deit_small_patch16_224 or resnet50"
        )
    return "cnn"
