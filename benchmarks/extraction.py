"""Multi-scale seed extraction with ResNet38, against one plain float32 forward per scale and flip (as published)."""

from __future__ import annotations

from pathlib import Path

import torch
from torch.nn.functional import interpolate

from benchmarks.comparison import Comparison, seconds
from wsss.config import read_params
from wsss.config.choices import MAPPINGS
from wsss.config.resolve import resolve
from wsss.device import has_fast_bfloat16, inference_precision
from wsss.models.seed_network import ActivationNetwork
from wsss.seed.create_network import create_seed_network
from wsss.seed.extraction import extract_seeds

HEIGHT, WIDTH, CLASSES = 192, 256, 20


def run(folder: Path) -> list[Comparison]:
    """Extract the seeds of one photo at the paper's four scales, flipped and not."""
    overrides = {"seed.backbone": "resnet38", "seed.weights": None, "seed.regularization": "none"}
    parameters = resolve(read_params("params.yaml"), "voc", overrides)
    torch.manual_seed(0)
    network = create_seed_network(parameters.seed, CLASSES).eval()
    mapping = MAPPINGS[parameters.seed.mapping].load()(parameters.seed)
    photo = torch.randn(1, 3, HEIGHT, WIDTH)
    labels = torch.zeros(1, CLASSES)
    labels[0, :2] = 1

    def ours() -> torch.Tensor:
        with inference_precision(torch.device("cpu"), network):
            images = photo.contiguous(memory_format=torch.channels_last)
            return extract_seeds(network, mapping, images, labels, parameters.extract)

    def plain() -> torch.Tensor:
        return _one_by_one(network, photo, labels, parameters.extract.scales)

    torch.testing.assert_close(ours(), plain(), atol=0.03, rtol=0)
    precision, at_least = ("bfloat16", 1.3) if has_fast_bfloat16(network) else ("float32", 0.9)
    size = f"ResNet38, {HEIGHT}×{WIDTH}, 4 scales and flips, {precision}"
    return [Comparison("seed extraction", size, "float32, view by view", *seconds(ours, plain, 2), "s", at_least)]


@torch.no_grad()
def _one_by_one(
    network: ActivationNetwork, photo: torch.Tensor, labels: torch.Tensor, scales: list[float]
) -> torch.Tensor:
    total = torch.zeros(1, CLASSES, HEIGHT // 4, WIDTH // 4)
    for scale in scales:
        size = [round(side * scale) for side in photo.shape[-2:]]
        view = interpolate(photo, size, mode="bicubic", antialias=True)
        for flipped in (False, True):
            maps = network(view.flip(-1) if flipped else view).relu()
            total += interpolate(maps.flip(-1) if flipped else maps, total.shape[-2:], mode="bilinear")
    total *= labels[:, :, None, None]
    return total / total.amax((2, 3), keepdim=True).clamp(min=1e-5)
