"""Training the segmentation network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from wsss.models.segmentation_network import SegmentationNetwork
from wsss.segmentation.loss import enlarged_loss, multi_scale_loss
from wsss.training.task import Task


class SegmentationTask(Task):
    """Cross entropy per pixel; void pixels do not count.

    Args:
        network: what is trained.
        loss_scales: further scales at which it sees each crop, so that the loss is `multi_scale_loss`; none: it is that
            of the logits, enlarged to the mask.
    """

    def __init__(self, network: SegmentationNetwork, loss_scales: Sequence[float] = ()):
        self.network, self.loss_scales = network, loss_scales

    def look(self, image: Tensor, labels: Tensor | None) -> np.ndarray | None:
        """Return the prediction at one scale, without a CRF."""
        logits = interpolate(self.network(image).float(), size=image.shape[-2:], mode="bilinear")
        return logits[0].argmax(0).to(torch.uint8).cpu().numpy()

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        images, mask = batch["image"], batch["mask"]
        logits = network(images).float()
        if not self.loss_scales:
            return {"loss": enlarged_loss(logits, mask)}

        def predict(view: Tensor) -> Tensor:
            return self.network(view).float()  # not wrapped: see `wsss.seed.regularization.base`

        return {"loss": multi_scale_loss(logits, predict, images, mask, self.loss_scales)}
