"""Freezing what ImageNet has taught: batch norms in eval mode, the first convolution, the stem."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from wsss.models.backbone import BackboneNetwork

_STEM_PREFIXES = {  # by this project's and timm's names of a stem and the first stage behind it
    "conv1a", "b2", "b2_1", "b2_2",  # ResNet38
    "stem", "stage1",  # TinyCnn
    "conv_stem", "bn1", "conv1", "layer1",  # EfficientNet, ResNet
    "stages.0", "stem_0", "stem_1", "blocks.0", "patch_embed",
}  # fmt: skip


def freeze(network: BackboneNetwork, what: str) -> None:
    """Freeze parts of `network.backbone` in place.

    Args:
        network: any with a backbone.
        what: "none"; "batch_norm": statistics and affine parameters stay; "first_convolution": those, and the first
            convolution as well; "stem": those, and the stem and first stage as well.
    """
    if what == "none":
        return
    backbone = network.backbone.network
    for module in backbone.modules():
        if isinstance(module, _BatchNorm):
            module.eval()
            module.requires_grad_(False)
    if what == "first_convolution":
        next(module for module in backbone.modules() if isinstance(module, nn.Conv2d)).requires_grad_(False)
    if what == "stem":
        for name, parameter in backbone.named_parameters():
            if any(name.startswith(prefix + ".") for prefix in _STEM_PREFIXES):
                parameter.requires_grad_(False)
