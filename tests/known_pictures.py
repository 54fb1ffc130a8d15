"""Pictures whose places are known, and networks that tell where they look: to see whether maps lie where they ought.

network = sampling(create_backbone("tiny_cnn", None))
rows, columns = places_seen(network, (65, 63))  # (h, w) each: the pixel coordinates of what each position saw
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from timm.layers import LayerNorm2d
from torch import Tensor, nn


def sampling(network: nn.Module) -> nn.Module:
    """Turn a network's weights into ones that sample its images: every position returns what is at its centre.

    Convolutions keep their central weight (those without one, patches, all weights), norms and attention do nothing.
    What such a network returns is linear in the image, but for max pooling.
    """
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d):
            _sample(module)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.ones_(module.weight), nn.init.zeros_(module.bias)
            module.reset_running_stats()
        branch = getattr(module, "mlp", None)
        for layer in (getattr(getattr(module, "attn", None), "proj", None), getattr(branch, "fc2", None)):
            if layer is not None:  # a residual branch that adds nothing
                nn.init.zeros_(layer.weight), nn.init.zeros_(layer.bias)
        if getattr(module, "pos_embed", None) is not None:
            nn.init.zeros_(module.pos_embed)
        for name, child in module.named_children():
            if isinstance(child, nn.LayerNorm | LayerNorm2d):
                setattr(module, name, nn.Identity())
    return network.eval()


def _sample(convolution: nn.Conv2d) -> None:
    weight = convolution.weight.data.zero_()
    height, width = weight.shape[-2:]
    if height % 2:
        weight[..., height // 2, width // 2] = 1 / weight.shape[1]
    else:
        weight.fill_(1 / weight[0].numel())
    if convolution.bias is not None:
        convolution.bias.data.zero_()


@torch.no_grad()
def places_seen(function: Callable[[Tensor], Tensor], size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Return where in an image of `size` (H, W) each value of a map of it comes from: y and x in pixels, (h, w) each.

    `function` maps images (1, 3, H, W) to maps (1, D, h, w) and is linear, also where it begins at another place.
    Pixels have their centres at 0.5, 1.5, ...
    """
    height, width = size
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    faint = 1e-6  # ReLU6 is linear there
    bright = function(torch.full((1, 3, height, width), faint)).mean(1)[0]

    def seen(values: Tensor) -> Tensor:
        return function(faint * values.expand(1, 3, -1, -1)).mean(1)[0] / bright

    def both(values: Tensor, side: int) -> Tensor:  # max pooling looks to the brighter side
        return (seen(values) + side - seen(side - values)) / 2

    return both(y, height), both(x, width)


def dots(size: tuple[int, int], places: list[tuple[float, float]], width: float) -> Tensor:
    """Return an image with a soft dot for each of `places` (y, x), (N, 3, H, W) in [0, 1]; `width`: of the Gaussian."""
    y = torch.arange(size[0])[:, None] + 0.5
    x = torch.arange(size[1])[None] + 0.5
    images = [torch.exp(-((y - top) ** 2 + (x - left) ** 2) / (2 * width**2)) for top, left in places]
    return torch.stack(images)[:, None].repeat(1, 3, 1, 1)


def place_of(map_: Tensor) -> tuple[float, float]:
    """Return the centre (y, x) of what is bright in a map (H, W), in pixels of the map."""
    weight = (map_.double() / map_.max() - 0.1).clamp(min=0)
    y, x = torch.arange(map_.shape[0]) + 0.5, torch.arange(map_.shape[1]) + 0.5
    return ((weight.sum(1) * y).sum() / weight.sum()).item(), ((weight.sum(0) * x).sum() / weight.sum()).item()


def corners(size: tuple[int, int], margin: float) -> list[tuple[float, float]]:
    """Return the four places (y, x) that lie `margin` pixels from two edges of an image of `size` (H, W)."""
    return [(y, x) for y in (margin, size[0] - margin) for x in (margin, size[1] - margin)]
