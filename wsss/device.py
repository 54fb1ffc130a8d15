"""Where inference runs."""

from __future__ import annotations

import torch


def inference_device() -> torch.device:
    """Return the first CUDA or Apple GPU, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
