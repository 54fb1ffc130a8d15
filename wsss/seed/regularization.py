"""Regularisations: the agreement of two views of alpha (paper, eq. 9), and the views by architecture adjustment."""

from __future__ import annotations

import torch
from timm.layers import DropPath
from timm.utils import ModelEmaV3
from torch import Tensor

from wsss.config.blocks import Seed
from wsss.errors import InputError
from wsss.models.seed_network import SeedNetwork
from wsss.seed.distribution import log_alpha
from wsss.seed.schedules import SCHEDULES


def agreement(teacher_log_alpha: Tensor, student_log_alpha: Tensor, tau2: float) -> Tensor:
    """Return eq. 9: -tau2^2 mean over positions of sum over channels of teacher^(1/tau2) log(student^(1/tau2)).

    Args:
        teacher_log_alpha, student_log_alpha: (B, C+1, h, w) log-softmax in float32; the teacher gets no gradient.
        tau2: temperature. Powers as printed, not renormalised.
    """
    teacher = (teacher_log_alpha.detach() / tau2).exp()
    return -(tau2**2) * (teacher * student_log_alpha / tau2).sum(1).mean()


class NoRegularization:
    """`none`: the classification loss alone."""

    def __init__(self, network: SeedNetwork, settings: Seed):
        self.t = 0.0

    def before_step(self, network: SeedNetwork, progress: float) -> None:
        """Adjust the student for this step."""

    def loss(self, images: Tensor, student_log_alpha: Tensor) -> Tensor | None:
        """Return the regularisation loss of this step, not weighted; None for none."""
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


class ArchitectureAdjustment(NoRegularization):
    """`aa`: a weakly adjusted EMA teacher and a strongly adjusted student see the same pixels (section 4.2)."""

    def __init__(self, network: SeedNetwork, settings: Seed):
        super().__init__(network, settings)
        if not network.backbone.has_drop_path:
            raise InputError(
                f"seed.backbone: {network.backbone.name!r} has no drop path that regularization=aa could adjust; "
                "use regularization=none or another backbone"
            )
        self.settings = settings
        self.schedule = SCHEDULES[settings.schedule](settings.schedule_momentum)
        self.teacher = ModelEmaV3(network, decay=settings.ema_decay, exclude_buffers=True)  # buffers are copied
        self.teacher.requires_grad_(False)
        teacher = self.teacher.module
        teacher.adjust(settings.teacher_drop_path, 0.0)
        teacher.dropout.p = 0.0
        for module in teacher.modules():  # all in eval mode, dropout and batch norm too, but for drop path
            if isinstance(module, DropPath):
                module.train()

    def before_step(self, network: SeedNetwork, progress: float) -> None:
        s = self.settings
        self.t = self.schedule.t(progress)
        network.adjust(
            s.drop_path_low + (s.drop_path_high - s.drop_path_low) * self.t,
            s.dropout_low + (s.dropout_high - s.dropout_low) * self.t,
        )

    def loss(self, images: Tensor, student_log_alpha: Tensor) -> Tensor:
        with torch.no_grad():
            teacher_log_alpha = log_alpha(self.teacher(images), self.settings.background_logit)
        return agreement(teacher_log_alpha, student_log_alpha, self.settings.tau2)

    def after_step(self, network: SeedNetwork, scores: Tensor, labels: Tensor) -> None:
        self.schedule.observe(scores, labels)
        self.teacher.update(network)

    def to(self, device: torch.device) -> None:
        self.teacher.to(device)

    def state_dict(self) -> dict:
        return {"teacher": self.teacher.module.state_dict(), "status": self.schedule.status}

    def load_state_dict(self, state: dict) -> None:
        self.teacher.module.load_state_dict(state["teacher"])
        self.schedule.status = state["status"]


REGULARIZATIONS = {"none": NoRegularization, "aa": ArchitectureAdjustment}
