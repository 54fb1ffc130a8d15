"""Where networks run, and in what precision."""

from __future__ import annotations

import torch
from torch import nn


def inference_device() -> torch.device:
    """Return the first CUDA or Apple GPU, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def has_fast_bfloat16(network: nn.Module) -> bool:
    """Return whether a network runs in mixed precision: on GPUs since Ampere, processors with AVX512-BF16 or AMX.

    Not on a processor if it has grouped convolutions: bfloat16 makes them slower there, and their gradients (oneDNN, in
    torch 2.14) read memory that nothing has written, NaN where torch is told to be deterministic.
    """
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if torch.backends.mps.is_available() or not torch.backends.mkldnn.is_available():
        return False
    grouped = any(isinstance(module, nn.Conv2d) and module.groups > 1 for module in network.modules())
    return not grouped and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def inference_precision(device: torch.device, network: nn.Module) -> torch.autocast:
    """Return a context in which the network computes in bfloat16 where that is fast, else in float32.

    Keep it open over all batches: the weights are converted once.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16(network))
