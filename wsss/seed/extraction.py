"""Seeds from a trained seed network: multi-scale, flips, patch affinity (paper, eq. 2 and section 5.1)."""

from __future__ import annotations

import torch
from torch import Tensor

from wsss.config.blocks import Extract
from wsss.models.multi_scale import multi_scale
from wsss.models.seed_network import SeedNetwork
from wsss.seed.mappings.base import Mapping

QUARTER = 4  # maps are kept at a quarter of the image's resolution


@torch.inference_mode()
def extract_seeds(network: SeedNetwork, mapping: Mapping, images: Tensor, labels: Tensor, settings: Extract) -> Tensor:
    """Return seeds (B, C, ceil(H/4), ceil(W/4)) in [0, 1]; 0 for classes whose label is 0.

    Each scale's and flip's maps are refined by patch affinity where asked for, resized, summed, masked by the labels
    (B, C), and normalised over the positions (`normalize`).

    Args:
        network: in eval mode.
        mapping: that the network was trained with; it says what the maps of a view are.
        images: normalised, (B, 3, H, W), all of one size.
    """

    def maps(view: Tensor) -> Tensor:
        return maps_of_view(network, mapping, view, settings)

    height, width = images.shape[-2:]
    size = (-(-height // QUARTER), -(-width // QUARTER))
    total = sum(multi_scale(maps, images, settings.scales, settings.flip, size, network.backbone.multiple))
    return normalize(total * labels[:, :, None, None], settings.normalize)


def maps_of_view(network: SeedNetwork, mapping: Mapping, view: Tensor, settings: Extract) -> Tensor:
    """Return the maps (B, C, h, w) of one scale and flip (B, 3, H, W), refined by patch affinity where asked for.

    Refined is the sum over patches j of affinity[i, j] times the map at j (MCTformer).
    """
    activation, affinity = mapping.maps(network, view, settings)
    if affinity is None:
        return activation
    with torch.autocast(view.device.type, enabled=False):  # sums over a thousand positions, in float32
        refined = torch.einsum("bnm,bcm->bcn", affinity.float(), activation.float().flatten(2))
    return refined.reshape(activation.shape)


def normalize(maps: Tensor, how: str) -> Tensor:
    """Return maps (..., h, w), not negative, in [0, 1]: each divided by its maximum, which a map of zeros keeps at 0.

    `how` is "max", or "min_max", which first takes the minimum off (MCTformer): so some of each map is 0, however
    bright its background, and a map that is the same everywhere is 0.
    """
    if how == "min_max":
        maps = maps - maps.amin((-2, -1), keepdim=True)
    return maps / maps.amax((-2, -1), keepdim=True).clamp(min=1e-5)
