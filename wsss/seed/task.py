"""Training the seed network: generation loss plus regularisation (paper, eq. 5)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from wsss.config.blocks import Seed
from wsss.models.class_token_network import ClassTokenNetwork
from wsss.models.seed_network import SeedNetwork
from wsss.seed.distribution import log_alpha
from wsss.seed.mappings import MAPPINGS
from wsss.seed.regularization import REGULARIZATIONS
from wsss.training import Task


class SeedTask(Task):
    """L = BCE(y, s) + lambda L_REG, with s from the mapping and L_REG from the regularisation."""

    def __init__(self, network: SeedNetwork | ClassTokenNetwork, settings: Seed):
        self.network, self.settings = network, settings
        self.mapping = MAPPINGS[settings.mapping]
        self.regularization = REGULARIZATIONS[settings.regularization](network, settings)

    def before_step(self, progress: float) -> dict[str, float]:
        self.regularization.before_step(self.network, progress)
        return {"t": self.regularization.t}

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        output = network(batch["image"]).float()  # z; class tokens for `mct`
        student = None if self.settings.mapping == "mct" else log_alpha(output, self.settings.background_logit)
        scores = self.mapping(output, student, self.settings.tau1)
        classification = binary_cross_entropy_with_logits(scores, batch["labels"])
        self._seen = scores.detach(), batch["labels"]
        agreement = self.regularization.loss(self.network, batch, student)
        if agreement is None:
            return {"loss": classification, "classification": classification}
        total = classification + self.settings.regularization_weight * agreement
        return {"loss": total, "classification": classification, "agreement": agreement}

    def after_step(self) -> None:
        self.regularization.after_step(self.network, *self._seen)

    def to(self, device: torch.device) -> None:
        self.regularization.to(device)

    def state_dict(self) -> dict:
        return self.regularization.state_dict()

    def load_state_dict(self, state: dict) -> None:
        self.regularization.load_state_dict(state)
