"""Training the seed network: generation loss plus regularisation (paper, eq. 5)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, interpolate

from wsss.config.blocks import Extract, Seed
from wsss.config.choices import MAPPINGS, REGULARIZATIONS
from wsss.models.seed_network import SeedNetwork
from wsss.seed.extraction import maps_of_view, normalize
from wsss.seed.mappings.base import Mapping
from wsss.seed.regularization.base import Regularization
from wsss.training.task import Task


class SeedTask(Task):
    """L = BCE(y, s) + lambda L_REG, with s from the mapping and L_REG from the regularisation."""

    network: SeedNetwork

    def __init__(self, network: SeedNetwork, settings: Seed, extract: Extract | None = None):
        """`extract`: how seeds are extracted, to look at them while it is trained."""
        self.network, self.settings, self.extract = network, settings, extract
        self.mapping: Mapping = MAPPINGS[settings.mapping].load()(settings)
        self.regularization: Regularization = REGULARIZATIONS[settings.regularization].load()(network, settings)

    def before_step(self, progress: float) -> dict[str, float]:
        self.regularization.before_step(self.network, progress)
        return {"t": self.regularization.t}

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        output = network(batch["image"]).float()
        student = self.mapping.log_alpha(output)
        scores = self.mapping.scores(output, student)
        classification = classification_loss(scores, batch["labels"])
        self._seen = scores.detach(), batch["labels"]
        agreement = None if student is None else self.regularization.loss(self.network, batch, student)
        if agreement is None:
            return {"loss": classification, "classification": classification}
        total = classification + self.settings.regularization_weight * agreement
        return {"loss": total, "classification": classification, "agreement": agreement}

    def after_step(self) -> None:
        self.regularization.after_step(self.network, *self._seen)

    def look(self, image: Tensor, labels: Tensor | None) -> np.ndarray | None:
        """Return the strongest seed of each pixel, as they are extracted, but at one scale and not flipped."""
        if self.extract is None or labels is None:
            return None
        maps = maps_of_view(self.network, self.mapping, image, self.extract) * labels[:, :, None, None]
        seeds = normalize(maps.float(), self.extract.normalize)
        return interpolate(seeds, size=image.shape[-2:], mode="bilinear")[0].amax(0).clamp(0, 1).cpu().numpy()

    def to(self, device: torch.device) -> None:
        self.regularization.to(device)

    def state_dict(self) -> dict:
        return self.regularization.state_dict()

    def load_state_dict(self, state: dict) -> None:
        self.regularization.load_state_dict(state)


def classification_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """Return the mean binary cross entropy of scores (B, C) with labels (B, C); of (S, B, C), the sum of S means."""
    kinds = scores.numel() // labels.numel()
    return kinds * binary_cross_entropy_with_logits(scores, labels.expand_as(scores))
