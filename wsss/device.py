"""Where networks run, and in what precision."""

from __future__ import annotations

import torch


def inference_device() -> torch.device:
    """Return the first CUDA or Apple GPU, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def has_fast_bfloat16() -> bool:
    """Return whether networks run in mixed precision: on GPUs since Ampere, processors with AVX512-BF16 or AMX."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if torch.backends.mps.is_available() or not torch.backends.mkldnn.is_available():
        return False
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()


def inference_precision(device: torch.device) -> torch.autocast:
    """Return a context in which networks compute in bfloat16 where that is fast, else in float32.

    Keep it open over all batches: the weights are converted once.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=has_fast_bfloat16())
