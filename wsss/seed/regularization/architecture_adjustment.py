"""Regularisation `aa`: the two views by architecture adjustment (paper, section 4.2)."""

from __future__ import annotations

import torch
from timm.layers import DropPath
from timm.utils import ModelEmaV3
from torch import Tensor

from wsss.config.blocks import Seed
from wsss.config.choices import SCHEDULES
from wsss.errors import InputError
from wsss.models.seed_network import ActivationNetwork, SeedNetwork
from wsss.seed.distribution import log_alpha
from wsss.seed.regularization.agreement import agreement
from wsss.seed.regularization.base import Regularization
from wsss.seed.schedules.base import Schedule
from wsss.training.several_processes import average_buffers


class ArchitectureAdjustment(Regularization):
    """`aa`: a weakly adjusted EMA teacher and a strongly adjusted student see the same pixels."""

    def __init__(self, network: SeedNetwork, settings: Seed):
        super().__init__(network, settings)
        if not network.backbone.has_drop_path:
            raise InputError(
                f"seed.backbone: {network.backbone.name!r} has no drop path that regularization=aa could adjust; "
                "use regularization=none or another backbone"
            )
        self.schedule: Schedule = SCHEDULES[settings.schedule].load()(settings)
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
        assert isinstance(network, ActivationNetwork)  # `Seed` lets a mapping without alpha have no regularisation
        network.adjust(
            s.drop_path_low + (s.drop_path_high - s.drop_path_low) * self.t,
            s.dropout_low + (s.dropout_high - s.dropout_low) * self.t,
        )

    def loss(self, network: SeedNetwork, batch: dict[str, Tensor], student_log_alpha: Tensor) -> Tensor:
        with torch.no_grad():
            teacher_log_alpha = log_alpha(self.teacher(batch["image"]), self.settings.background_logit)
        return agreement(teacher_log_alpha, student_log_alpha, self.settings.tau2, self.settings.agreement)

    def after_step(self, network: SeedNetwork, scores: Tensor, labels: Tensor) -> None:
        self.schedule.observe(scores, labels)
        average_buffers(network)  # which the teacher takes over
        self.teacher.update(network)

    def to(self, device: torch.device) -> None:
        self.teacher.to(device)

    def state_dict(self) -> dict:
        return {"teacher": self.teacher.module.state_dict(), "status": self.schedule.status}

    def load_state_dict(self, state: dict) -> None:
        self.teacher.module.load_state_dict(state["teacher"])
        self.schedule.status = state["status"]
