"""Backbones: any network as a maker of dense feature maps, with the two knobs that USAGE turns.

`wsss.models.create_backbone` makes them.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeGuard, runtime_checkable

import torch
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from timm.layers import DropPath
from timm.models.eva import Eva
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from wsss.config.kinds import network_kind
from wsss.errors import InputError
from wsss.models.attention import Attention, Listener

DROP_PATH_AT_FIRST = 0.1  # built with this rate, so that each DropPath's share of the rate can be read off


class Backbone(nn.Module):
    """A network seen as dense features.

    Attributes:
        kind: "transformer" or "cnn".
        num_features: channels D of the dense features.
        pyramid_channels: channels of the maps that `forward_pyramid` returns.
        stride: pixels per position of the dense features.
        multiple: images are resized to sides that are multiples of this, so that the maps span all of them: the stride
            of a network that drops what fills no position (patches; ConvNeXt), 1 for one that pads.
        mean, std: of the images it expects, per channel, for values in [0, 1].
    """

    kind: str
    num_features: int
    pyramid_channels: tuple[int, ...]
    stride: int
    multiple: int = 1

    def __init__(self, network: nn.Module, name: str):
        super().__init__()
        self.network = network
        self.name = name
        self.kind = network_kind(name)
        config = getattr(network, "pretrained_cfg", None) or {}
        self.mean = tuple(config.get("mean") or IMAGENET_DEFAULT_MEAN)
        self.std = tuple(config.get("std") or IMAGENET_DEFAULT_STD)
        self._shares = {
            name: m.drop_prob / DROP_PATH_AT_FIRST for name, m in self.named_modules() if isinstance(m, DropPath)
        }
        self.set_drop_path(0.0)

    def forward(self, images: Tensor) -> Tensor:
        """Return dense features (B, D, h, w) of normalised images (B, 3, H, W)."""
        raise NotImplementedError

    def forward_pyramid(self, images: Tensor) -> list[Tensor]:
        """Return the feature maps of several depths, last the deepest."""
        raise NotImplementedError

    def with_attention(self, images: Tensor) -> tuple[Tensor, Attention | None]:
        """Return what `forward` does and its attention, None for a network that has none."""
        return self(images), None

    def _in_whole_positions(self, images: Tensor) -> Tensor:
        """Resize images whose sides are no multiples of `multiple` to the nearest that are."""
        if all(side % self.multiple == 0 for side in images.shape[-2:]):  # known of any size that ONNX is exported for
            return images
        size = [max(round(side / self.multiple), 1) * self.multiple for side in images.shape[-2:]]
        return interpolate(images, size, mode="bilinear", align_corners=False)

    @property
    def has_drop_path(self) -> bool:
        """Whether any drop path can be set; without, architecture adjustment has nothing to adjust."""
        return any(self._shares.values())

    def set_drop_path(self, rate: float) -> None:
        """Set the rate of the deepest block; it is spread over depth by timm's rule."""
        modules = dict(self.named_modules())
        for name, share in self._shares.items():
            modules[name].drop_prob = rate * share

    def set_dropout(self, rate: float) -> None:
        """Set dropout where the architecture itself has it (transformers; elsewhere the head's serves)."""


class BackboneNetwork(nn.Module):
    """What every network that is trained here has: a backbone, and something that makes use of its features."""

    backbone: Backbone


class DeitAttention(Protocol):
    """The parts of a block's attention that are set."""

    fused_attn: bool
    proj_drop: nn.Dropout


class DeitMlp(Protocol):
    """The parts of a block's MLP that are set."""

    drop1: nn.Dropout
    drop2: nn.Dropout


class DeitBlock(Protocol):
    """A block of DeiT's: attention, then MLP."""

    attn: DeitAttention
    mlp: DeitMlp


def _is_deit_block(block: nn.Module) -> TypeGuard[DeitBlock]:
    return hasattr(block, "attn") and hasattr(getattr(block, "mlp", None), "drop1")


class TransformerBackbone(Backbone):
    """A timm VisionTransformer or Eva (rotary positions); its features: the normalised patch tokens, laid out as a map.

    A network that was made to normalise what it has pooled (`fc_norm`) normalises each token instead.
    """

    network: VisionTransformer | Eva

    def __init__(self, network: nn.Module, name: str):
        super().__init__(network, name)
        if not isinstance(network, VisionTransformer | Eva) or not all(map(_is_deit_block, network.blocks)):
            raise InputError(
                f"the blocks of {name!r} are not DeiT's (attention, then MLP); choose a plain ViT (docs/backbones.md)"
            )
        self.num_features = network.embed_dim
        self.stride = self.multiple = network.patch_embed.patch_size[0]
        depth = len(network.blocks)
        self._levels = sorted({max(depth // 3 - 1, 0), 2 * depth // 3 - 1, depth - 1})
        self.pyramid_channels = (self.num_features,) * len(self._levels)

    def _blocks(self) -> list[DeitBlock]:
        return [block for block in self.network.blocks if _is_deit_block(block)]  # all of them, or it were refused

    def remove_last_norm(self) -> None:
        """Leave the output tokens as the last block gives them."""
        self.network.norm = self.network.fc_norm = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        return self.as_map(*self.tokens(images))

    def tokens(self, images: Tensor) -> tuple[Tensor, tuple[int, int]]:
        """Return all normalised output tokens (B, prefix + h*w, D), class tokens and the like first, and (h, w)."""
        images = self._in_whole_positions(images)
        size = images.shape[-2] // self.stride, images.shape[-1] // self.stride
        return self.network.fc_norm(self.network.forward_features(images)), size

    def as_map(self, tokens: Tensor, size: tuple[int, int]) -> Tensor:
        """Return the patch tokens of what `tokens` gave, laid out as a map (B, D, h, w)."""
        return tokens[:, self.network.num_prefix_tokens :].transpose(1, 2).unflatten(2, size)

    def forward_pyramid(self, images: Tensor) -> list[Tensor]:
        images = self._in_whole_positions(images)
        maps = self.network.forward_intermediates(images, self._levels, norm=True, intermediates_only=True)
        assert isinstance(maps, list)  # as `intermediates_only` has it
        return [self.network.fc_norm(map_.movedim(1, -1)).movedim(-1, 1) for map_ in maps]

    def set_dropout(self, rate: float) -> None:
        """Set dropout after the position embedding and in every block where DeiT has it, not on the attention."""
        self.network.pos_drop.p = rate
        for block in self._blocks():
            for dropout in (block.attn.proj_drop, block.mlp.drop1, block.mlp.drop2):
                dropout.p = rate

    def with_attention(self, images: Tensor) -> tuple[Tensor, Attention]:
        tokens, size, attention = self.tokens_and_attention(images)
        return self.as_map(tokens, size), attention

    def tokens_and_attention(self, images: Tensor) -> tuple[Tensor, tuple[int, int], Attention]:
        """Return what `tokens` does, and the attention of all layers."""
        modules = [block.attn for block in self._blocks()]
        fused = [module.fused_attn for module in modules]
        listener = Listener()
        try:
            for module in modules:
                module.fused_attn = True  # by PyTorch's function, which can be listened to
            with listener:
                tokens, size = self.tokens(images)
        finally:
            for module, was in zip(modules, fused, strict=True):
                module.fused_attn = was
        return tokens, size, Attention(tuple(listener.layers), self.network.num_prefix_tokens)


@runtime_checkable
class HasFeatures(Protocol):
    """A network that gives dense features (B, D, h, w): each of this project's own, and of timm's."""

    def forward_features(self, images: Tensor) -> Tensor: ...


@runtime_checkable
class HasPyramid(Protocol):
    """A network of this project's that gives the maps of several depths, last the deepest."""

    def forward_pyramid(self, images: Tensor) -> list[Tensor]: ...


@runtime_checkable
class HasIntermediates(Protocol):
    """A network of timm's that does so: the last `indices` of them."""

    def forward_intermediates(
        self, images: Tensor, indices: int, *, intermediates_only: Literal[True]
    ) -> list[Tensor]: ...


class ConvBackbone(Backbone):
    """One of this project's convolutional networks, or a timm CNN."""

    def __init__(self, network: nn.Module, name: str):
        super().__init__(network, name)
        height, width = 64, 96
        probe, training = torch.zeros(1, 3, height, width), network.training
        network.eval()
        try:
            with torch.no_grad():
                maps, features, wider = self.forward_pyramid(probe), self(probe), self(pad(probe, (0, 1)))
        except Exception as error:  # timm's networks fail in many ways on what they are not made for
            raise _no_features(name) from error
        network.train(training)
        if not isinstance(features, Tensor) or features.ndim != 4:
            raise _no_features(name)
        if features.shape[-1] * height != features.shape[-2] * width:  # or channels last
            raise _no_features(name)
        self.num_features = features.shape[1]
        self.stride = width // features.shape[-1]
        self.pyramid_channels = tuple(level.shape[1] for level in maps)
        if wider.shape[-1] == features.shape[-1]:
            self.multiple = self.stride

    def forward(self, images: Tensor) -> Tensor:
        assert isinstance(self.network, HasFeatures)  # or it were refused when it was tried
        return self.network.forward_features(self._in_whole_positions(images))

    def forward_pyramid(self, images: Tensor) -> list[Tensor]:
        images = self._in_whole_positions(images)
        if isinstance(self.network, HasPyramid):
            return self.network.forward_pyramid(images)
        if not isinstance(self.network, HasIntermediates):
            return [self(images)]
        return self.network.forward_intermediates(images, 3, intermediates_only=True)


def _no_features(name: str) -> InputError:
    return InputError(f"backbone {name!r} gives no feature map; choose a CNN or a plain vision transformer")
