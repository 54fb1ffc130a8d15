"""The optimiser and the learning-rate schedule of a training, from parameters."""

from __future__ import annotations

from typing import Any

import torch
from timm.scheduler import CosineLRScheduler, PolyLRScheduler
from timm.scheduler.scheduler import Scheduler
from torch import nn

from wsss.config.blocks import Optimizer


def make_optimizer(network: nn.Module, settings: Optimizer, batch_size: int) -> torch.optim.Optimizer:
    """Return the optimiser; new layers (all but `backbone.`) and biases have their own factors on lr.

    Biases, norms, and what a network itself exempts (position embeddings, class and register tokens) get no weight
    decay (timm's and PSA's rule).
    """
    lr = settings.lr * (batch_size / settings.lr_reference_batch if settings.lr_reference_batch else 1.0)
    exempt = {
        f"{prefix}.{name}"
        for prefix, module in network.named_modules()
        if hasattr(module, "no_weight_decay")
        for name in module.no_weight_decay()
    }
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        scale = 1.0 if name.startswith("backbone.") else settings.new_layer_lr
        scale *= settings.bias_lr if name.endswith("bias") else 1.0
        no_decay = parameter.ndim <= 1 or name in exempt
        groups.setdefault((scale, 0.0 if no_decay else settings.weight_decay), []).append(parameter)
    parameters = [
        {"params": members, "lr_scale": scale, "weight_decay": decay}  # timm's scheduler applies lr_scale
        for (scale, decay), members in groups.items()
    ]
    if settings.name == "adamw":
        return torch.optim.AdamW(parameters, lr=lr)
    return torch.optim.SGD(parameters, lr=lr, momentum=settings.momentum)


def make_scheduler(optimizer: torch.optim.Optimizer, settings: Optimizer, per_epoch: int, steps: int) -> Scheduler:
    """Return timm's scheduler, counting steps: cosine with warm-up, or poly with power 0.9."""
    warmup = min(round(settings.warmup_epochs * per_epoch), steps - 1)
    shared: dict[str, Any] = {"t_initial": steps, "lr_min": settings.min_lr, "warmup_t": warmup, "t_in_epochs": False}
    shared["warmup_lr_init"] = 1e-6 if warmup else 0.0
    if settings.schedule == "cosine":
        return CosineLRScheduler(optimizer, **shared)
    return PolyLRScheduler(optimizer, power=0.9, **shared)
