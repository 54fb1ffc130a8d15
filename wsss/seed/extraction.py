"""Seeds from a trained seed network: multi-scale, flips, patch affinity (paper, eq. 2 and section 5.1)."""

from __future__ import annotations

import torch
from torch import Tensor

from wsss.config.blocks import Extract
from wsss.models.class_token_network import ClassTokenNetwork
from wsss.models.seed_network import SeedNetwork
from wsss.multi_scale import multi_scale
from wsss.seed.distribution import log_alpha

QUARTER = 4  # maps are kept at a quarter of the image's resolution


@torch.inference_mode()
def extract_seeds(
    network: SeedNetwork | ClassTokenNetwork, images: Tensor, labels: Tensor, settings: Extract, background_logit: float
) -> Tensor:
    """Return seeds (B, C, ceil(H/4), ceil(W/4)) in [0, 1]; 0 for classes whose label is 0.

    Each scale's and flip's maps are ReLU'd (for mapping `mct` they are class-to-patch attention), refined by patch
    affinity where asked for, resized, summed, masked by the labels (B, C), and divided by their maximum over the
    positions.

    Args:
        network: in eval mode.
        images: normalised, (B, 3, H, W), all of one size.
    """

    def maps(view: Tensor) -> Tensor:
        activation, affinity = _activation(network, view, settings, background_logit)
        if affinity is None:
            return activation
        with torch.autocast(view.device.type, enabled=False):  # sums over a thousand positions, in float32
            refined = torch.einsum("bnm,bcm->bcn", affinity.float(), activation.float().flatten(2))
        return refined.reshape(activation.shape)

    height, width = images.shape[-2:]
    size = (-(-height // QUARTER), -(-width // QUARTER))
    total = sum(multi_scale(maps, images, settings.scales, settings.flip, size, network.backbone.multiple))
    total = total * labels[:, :, None, None]
    return total / total.amax((2, 3), keepdim=True).clamp(min=1e-5)


def _activation(
    network: SeedNetwork | ClassTokenNetwork, view: Tensor, settings: Extract, background_logit: float
) -> tuple[Tensor, Tensor | None]:
    """Return the non-negative maps (B, C, h, w) of a view, and the patch affinity that is to refine them, if any."""
    if isinstance(network, ClassTokenNetwork):
        attention, affinity = network.attention(view)
        return attention, affinity if settings.patch_affinity else None
    if network.backbone.kind == "transformer" and settings.patch_affinity:
        features, affinity = network.backbone.patch_affinity(view)
    else:
        features, affinity = network.backbone(view), None
    z = network.head(features)
    return z.relu() if settings.seed_map == "activation" else log_alpha(z, background_logit)[:, :-1].exp(), affinity
