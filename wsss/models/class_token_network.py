"""The networks of mappings `mct` and `mct_v2`: one class token per class (Xu et al., MCTformer, CVPR 2022)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from timm.layers import AttentionRope
from timm.models.eva import Eva, EvaAttention
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from wsss.errors import InputError
from wsss.models.attention import Attention
from wsss.models.backbone import TransformerBackbone
from wsss.models.class_token_weights import by_own_names, check_version
from wsss.models.seed_network import SeedNetwork
from wsss.models.weights import load_weights

LAST_LAYERS = 3  # whose class-to-patch attention makes the seeds


class ClassTokenNetwork(SeedNetwork):
    """MCTformer-V1: a transformer whose class token is repeated for each class, without a norm after the last block.

    The tokens' attention to the patches is the seed.

    Args:
        backbone: a plain vision transformer with one class token. Each of the `num_classes` tokens starts as a copy of
            it, with its position; the labels alone make them differ. Its last norm is taken off: it would bound the
            mean over a token's channels, which is the class score.
    """

    backbone: TransformerBackbone

    def __init__(self, backbone: TransformerBackbone, num_classes: int):
        super().__init__()
        self.backbone, self.num_classes = backbone, num_classes
        repeat_class_token(backbone.network, num_classes, backbone.name)
        backbone.remove_last_norm()

    def forward(self, images: Tensor) -> Tensor:
        """Return the output class tokens (B, C, D) of normalised images (B, 3, H, W); `wsss.seed.mappings.mct`."""
        return self.backbone.tokens(images)[0][:, : self.num_classes]

    def seed_maps(self, images: Tensor) -> tuple[Tensor, Attention]:
        """Return class-to-patch attention (B, C, h, w), and all attention, whose patches' affinity refines maps.

        The former is the mean over heads, summed over the last 3 layers, and not normalised again.
        """
        maps, attention, _ = self._attention(images)
        return maps, attention

    def own_weights(self, weights: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
        """Return all that this network is made of, by its names, from its own or a published MCTformer's `weights`.

        Raises `InputError` naming `source` for another number of classes or another version.
        """
        own = by_own_names(weights, self.num_classes, source)
        check_version(weights, isinstance(self, PatchCamNetwork), source)
        return own

    def start_from(self, weights: Mapping[str, Tensor], source: str) -> list[str]:
        """Load the transformer of either MCTformer, and the head where there is one; messages as of `load_weights`."""
        return load_weights(self, by_own_names(weights, self.num_classes, source), source, allow_missing=("head.",))

    def _attention(self, images: Tensor) -> tuple[Tensor, Attention, Tensor]:
        """Return what `seed_maps` of V1 does, and the patch tokens as a map (B, D, h, w)."""
        tokens, size, attention = self.backbone.tokens_and_attention(images)
        to_patches = attention.to_patches(self.num_classes, LAST_LAYERS)
        return to_patches.unflatten(2, size), attention, self.backbone.as_map(tokens, size)


class PatchCamNetwork(ClassTokenNetwork):
    """MCTformer-V2: class tokens, and PatchCAM, a 3x3 convolution with bias on the patch tokens."""

    def __init__(self, backbone: TransformerBackbone, num_classes: int):
        super().__init__(backbone, num_classes)
        self.head = nn.Conv2d(backbone.num_features, num_classes, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """Return two scores of each class (B, 2, C), which are trained side by side.

        First the mean over the channels of its output token, as in V1, then the mean of PatchCAM over positions, before
        it is rectified.
        """
        tokens, size = self.backbone.tokens(images)
        patch_cam = self.head(self.backbone.as_map(tokens, size))
        return torch.stack([tokens[:, : self.num_classes].float().mean(-1), patch_cam.float().mean((2, 3))], 1)

    def seed_maps(self, images: Tensor) -> tuple[Tensor, Attention]:
        """Return V1's class-to-patch attention times the rectified PatchCAM, and all attention."""
        maps, attention, patches = self._attention(images)
        return maps * self.head(patches).relu(), attention


def repeat_class_token(network: VisionTransformer | Eva, count: int, name: str) -> None:
    """Replace the class token of a timm transformer by `count` copies of it, each with its position, if it has one.

    Raises:
        InputError: the network `name` has no class token, or a distillation token beside it.
    """
    class_token = network.cls_token
    if class_token is None or hasattr(network, "dist_token"):
        has = "none" if class_token is None else "a distillation token beside it"
        raise InputError(
            f"seed.mapping: 'mct' and 'mct_v2' repeat the class token, and {name!r} has {has}; use a transformer with "
            "just one, such as deit_small_patch16_224 (docs/backbones.md), or mapping=cam"
        )
    positions = network.pos_embed
    if positions is not None and not network.no_embed_class:
        repeated = torch.cat([positions[:, :1].expand(-1, count, -1), positions[:, 1:]], 1)
        network.pos_embed = nn.Parameter(repeated.detach().clone())
    network.cls_token = nn.Parameter(class_token.detach().repeat(1, count, 1))
    network.num_prefix_tokens += count - 1
    for module in network.blocks.modules():
        if isinstance(module, EvaAttention | AttentionRope):  # which turn no token before the patches
            module.num_prefix_tokens = network.num_prefix_tokens
