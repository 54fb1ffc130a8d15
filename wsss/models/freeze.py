"""Freezing what pretraining has taught: batch norms in eval mode, the first convolution, the stem, a trunk."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from wsss.errors import InputError
from wsss.models.backbone import BackboneNetwork, TransformerBackbone

_STEM_PREFIXES = {  # by this project's and timm's names of a stem and the first stage behind it
    "conv1a", "b2", "b2_1", "b2_2",  # ResNet38
    "stem", "stage1",  # TinyCnn
    "conv_stem", "bn1", "conv1", "layer1",  # EfficientNet, ResNet
    "stages.0", "stem_0", "stem_1", "blocks.0", "patch_embed",
}  # fmt: skip
_TRAINED_BLOCKS = 2  # behind a frozen trunk


def freeze(network: BackboneNetwork, what: str) -> None:
    """Freeze parts of `network.backbone` in place.

    Args:
        network: any with a backbone.
        what: "none"; "batch_norm": statistics and affine parameters stay; "first_convolution": those, and the first
            convolution as well; "stem": those, and the stem and first stage as well; "trunk": all of a transformer but
            its class tokens, last two blocks and what follows, which makes a step about half as long.

    Raises:
        InputError: "trunk" of a CNN, or of a transformer without any more blocks.
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
    if what == "trunk":
        _freeze_trunk(network)


def _freeze_trunk(network: BackboneNetwork) -> None:
    backbone = network.backbone
    if not isinstance(backbone, TransformerBackbone) or len(backbone.network.blocks) <= _TRAINED_BLOCKS:
        raise InputError(
            f"freeze: trunk leaves the last {_TRAINED_BLOCKS} blocks of a transformer to be trained, and "
            f"{backbone.name!r} has no more of them; choose stem"
        )
    parts = backbone.network
    for module in (parts.patch_embed, *parts.blocks[:-_TRAINED_BLOCKS]):
        module.requires_grad_(False)
    for name, parameter in parts.named_parameters():
        if name in ("pos_embed", "reg_token"):
            parameter.requires_grad_(False)
