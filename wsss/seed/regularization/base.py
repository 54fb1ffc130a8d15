"""What a regularisation can do in a training step; as it stands, the regularisation `none`."""

from __future__ import annotations

import torch
from torch import Tensor

from wsss.config.blocks import Seed
from wsss.models.seed_network import SeedNetwork


class Regularization:
    """`none`: the classification loss alone.

    Attributes:
        locates_crops: whether it maps every crop back to its image, so that nothing may rotate or shear it.
    """

    locates_crops = False

    def __init__(self, network: SeedNetwork, settings: Seed):
        self.settings = settings
        self.t = 0.0  # of the schedule of the student's adjustment

    def before_step(self, network: SeedNetwork, progress: float) -> None:
        """Adjust the student for this step."""

    def loss(self, network: SeedNetwork, batch: dict[str, Tensor], student_log_alpha: Tensor) -> Tensor | None:
        """Return the regularisation loss of this step, not weighted; None for none.

        Args:
            network: the one in training, not wrapped for several GPUs. (A second pass through the wrapper would
                overwrite batch norm's buffers before the first one's backward pass has read them; gradients of
                both passes are averaged over the GPUs all the same, as that happens at the parameters.)
            batch: see `wsss.data.training_images.TrainingImages`.
            student_log_alpha: (B, C+1, h, w) of the batch's images, with gradient.
        """
        return None

    def after_step(self, network: SeedNetwork, scores: Tensor, labels: Tensor) -> None:
        """Take note of what the step did."""

    def to(self, device: torch.device) -> None:
        """Move to where the network is trained."""

    def state_dict(self) -> dict:
        """Return what a resumed training needs."""
        return {}

    def load_state_dict(self, state: dict) -> None:
        """Take up where a training stopped."""
