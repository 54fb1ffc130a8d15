"""Training steps of one network by each of the settings that may make them faster."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import nn

from wsss.errors import one_line

_UNTIMED, _TIMED = 3, 10


@dataclass(frozen=True)
class Setting:
    """A way to run a training step, and whether the stages run it so."""

    name: str
    bfloat16: bool
    channels_last: bool
    compiled: bool


SETTINGS = (
    Setting("float32", False, False, False),
    Setting("bfloat16", True, False, False),
    Setting("bfloat16, channels-last", True, True, False),
    Setting("bfloat16, channels-last, torch.compile", True, True, True),
)


def speeds(
    make: Callable[[], nn.Module], batch_size: int, crop_size: int, device: torch.device
) -> dict[str, float | str]:
    """Return {setting: images per second, or why there is no number} of a network's training step on random images.

    A step is forward, backward and nothing else: no loss of its own, no optimiser. `make` gives the network anew for
    each setting.
    """
    found: dict[str, float | str] = {}
    for setting in SETTINGS:
        if setting.compiled and not any(map(shutil.which, ("cc", "gcc", "clang", "cl"))):
            found[setting.name] = "no C compiler here"
            continue
        try:
            found[setting.name] = _speed(make().to(device).train(), setting, batch_size, crop_size, device)
        except Exception as error:  # torch.compile fails in many ways, and each is an answer
            found[setting.name] = f"failed: {one_line(error)[:120]}"
    return found


def _speed(network: nn.Module, setting: Setting, batch_size: int, crop_size: int, device: torch.device) -> float:
    images = torch.randn(batch_size, 3, crop_size, crop_size, device=device)
    if setting.channels_last:
        network = network.to(memory_format=torch.channels_last)
        images = images.contiguous(memory_format=torch.channels_last)
    step = torch.compile(network) if setting.compiled else network
    start = 0.0
    for number in range(_UNTIMED + _TIMED):
        if number == _UNTIMED:
            _wait(device)
            start = perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=setting.bfloat16):
            output = step(images)
        output = output if isinstance(output, torch.Tensor) else torch.cat([one.flatten() for one in output])
        output.float().square().mean().backward()
        network.zero_grad(set_to_none=True)
    _wait(device)
    return _TIMED * batch_size / (perf_counter() - start)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
