"""The network of mapping `mct`: one class token per class (Xu et al., MCTformer, CVPR 2022, variant V1)."""

from __future__ import annotations

import torch
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from wsss.errors import InputError
from wsss.models.backbone import TransformerBackbone
from wsss.models.seed_network import SeedNetwork

LAST_LAYERS = 3  # whose class-to-patch attention makes the seeds


class ClassTokenNetwork(SeedNetwork):
    """A transformer whose class token is repeated for each class; the tokens' attention to the patches is the seed.

    Args:
        backbone: a plain vision transformer with one class token. Each of the `num_classes` tokens starts as a copy of
            it, with its position; the labels alone make them differ. The scales of a fresh last norm, all 1, would give
            every token the mean 0 whatever it holds, and so no gradient: they are drawn from a normal distribution.
    """

    backbone: TransformerBackbone

    def __init__(self, backbone: TransformerBackbone, num_classes: int):
        super().__init__()
        self.backbone, self.num_classes = backbone, num_classes
        repeat_class_token(backbone.network, num_classes, backbone.name)
        scales = getattr(backbone.network.norm, "weight", None)
        if isinstance(scales, Tensor) and (scales == scales[0]).all():
            nn.init.normal_(scales)

    def forward(self, images: Tensor) -> Tensor:
        """Return the output class tokens (B, C, D) of normalised images (B, 3, H, W); `wsss.seed.mappings.mct`."""
        return self.backbone.tokens(images)[0][:, : self.num_classes]

    def attention(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return class-to-patch attention (B, C, h, w), mean over heads and the last 3 layers, and patch affinity.

        The affinity (B, h*w, h*w) is that of `TransformerBackbone.patch_affinity`.
        """
        _, (height, width), layers = self.backbone.attention(images)
        prefix = self.backbone.network.num_prefix_tokens
        to_patches = torch.stack([layer[:, : self.num_classes, prefix:] for layer in layers[-LAST_LAYERS:]]).mean(0)
        affinity = torch.stack([layer[:, prefix:, prefix:] for layer in layers]).sum(0)
        return to_patches.reshape(len(images), self.num_classes, height, width), affinity


def repeat_class_token(network: VisionTransformer, count: int, name: str) -> None:
    """Replace the class token of a timm VisionTransformer by `count` copies of it, each with its position.

    Raises:
        InputError: the network `name` has no class token, or a distillation token beside it.
    """
    class_token = network.cls_token
    if class_token is None or hasattr(network, "dist_token"):
        raise InputError(
            f"seed.mapping: 'mct' repeats the class token, and {name!r} has not just one; use a transformer such as "
            "deit_small_patch16_224, or mapping=cam"
        )
    positions = network.pos_embed
    if positions is not None and not network.no_embed_class:
        repeated = torch.cat([positions[:, :1].expand(-1, count, -1), positions[:, 1:]], 1)
        network.pos_embed = nn.Parameter(repeated.detach().clone())
    network.cls_token = nn.Parameter(class_token.detach().repeat(1, count, 1))
    network.num_prefix_tokens += count - 1
