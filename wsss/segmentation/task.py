"""Training the segmentation network."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from wsss.files import VOID
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.training.several_processes import shared_mean
from wsss.training.task import Task


class SegmentationTask(Task):
    """Cross entropy per pixel; void pixels do not count."""

    def __init__(self, network: SegmentationNetwork):
        self.network = network

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        mask = batch["mask"]
        logits = interpolate(network(batch["image"]).float(), mask.shape[-2:], mode="bilinear", align_corners=False)
        total = cross_entropy(logits, mask, ignore_index=VOID, reduction="sum")
        return {"loss": shared_mean(total, (mask != VOID).sum())}  # crops that are all void give 0, not NaN
