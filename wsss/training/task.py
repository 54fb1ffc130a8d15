"""What the train loop trains: a network with its loss."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from wsss.models.backbone import BackboneNetwork


class Task:
    """What is trained: a network, its loss, and whatever else changes with the steps."""

    network: BackboneNetwork

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Return `loss` and further terms to log; call `network`, which may be wrapped, not `self.network`."""
        raise NotImplementedError

    def before_step(self, progress: float) -> dict[str, float]:
        """Prepare a step at `progress` in [0, 1]; return numbers to log."""
        return {}

    def after_step(self) -> None:
        """Follow up on a step."""

    def look(self, image: Tensor, labels: Tensor | None) -> np.ndarray | None:
        """Return what the network makes of an image, for somebody who watches; None where there is nothing to see.

        Args:
            image: normalised, (1, 3, H, W); the network is in eval mode.
            labels: (1, C); None where they are not known.

        Returns:
            class numbers, (H, W) uint8, or how strong the seed is, (H, W) float32 in [0, 1].
        """
        return None

    def to(self, device: torch.device) -> None:
        """Move what the task holds beside its network, e.g. a teacher, to where the network is trained."""

    def state_dict(self) -> dict:
        """Return what a resumed training needs beside network and optimiser."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Take up where a training stopped."""
