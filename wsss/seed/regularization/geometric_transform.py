"""Regularisation `gt`: the two views by a geometric transform (Wang et al., SEAM, CVPR 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate
from torch.nn.modules.batchnorm import _BatchNorm

from wsss.models.seed_network import SeedNetwork
from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement
from wsss.seed.regularization.base import Regularization

LEAST_POSITIONS = 3  # along each side of the small view's map


class GeometricTransform(Regularization):
    """The network sees the image as it is, and rescaled and flipped; both maps have to agree.

    As with `aa`, the view that knows more teaches: the image as it is. Its alpha (the one that also makes the class
    scores) is detached, and the network learns to say the same of the small, flipped image. They are compared at the
    small view's resolution, as in SEAM, where the teacher's alpha is the mean over the area of each position: so no
    detail is invented for a map that has none.
    """

    def loss(self, network: SeedNetwork, batch: dict[str, Tensor], student_log_alpha: Tensor) -> Tensor:
        settings = self.settings
        view = transformed(batch["image"], settings.gt_scale, network.backbone.stride)
        with without_running_statistics(network):
            z = network(view)
        small = log_alpha(z, settings.background_logit).flip(-1)
        height, width = small.shape[-2:]
        return agreement(pooled(student_log_alpha.detach(), (height, width)), small, settings.tau2, settings.agreement)


def transformed(images: Tensor, scale: float, stride: int) -> Tensor:
    """Return images (B, 3, H, W) rescaled to whole positions of a network's `stride`, at least 3x3, and flipped.

    A scale of 1 leaves the pixels as they are.
    """
    if scale != 1:
        size = [max(round(side * scale / stride), LEAST_POSITIONS) * stride for side in images.shape[-2:]]
        images = interpolate(images, size, mode="bilinear", align_corners=False, antialias=True)
    return images.flip(-1)


def pooled(log_probabilities: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the logarithms of the mean probabilities in each of `size` areas; the very same ones at equal size."""
    if tuple(log_probabilities.shape[-2:]) == tuple(size):
        return log_probabilities
    return adaptive_avg_pool2d(log_probabilities.exp(), size).log()


@contextmanager
def without_running_statistics(network: nn.Module) -> Iterator[None]:
    """Keep the running statistics of batch norm as they are: seeds are extracted from images, not from small views."""
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm) and module.training]
    momenta = [norm.momentum for norm in norms]
    counts = [(tracked, tracked.clone()) for norm in norms if (tracked := norm.num_batches_tracked) is not None]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for tracked, count in counts:
            tracked.copy_(count)
