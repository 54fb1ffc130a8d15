"""Where networks run, and in what precision."""

from __future__ import annotations

import torch
from torch import nn

from wsss.product.own_measurements import say_measured

_BFLOAT16_INSTRUCTIONS = ("avx512_bf16", "amx_bf16", "bf16")  # the last one is Arm's


def inference_device() -> torch.device:
    """Return the first CUDA or Apple GPU, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def has_fast_bfloat16(network: nn.Module) -> bool:
    """Return whether a network runs in mixed precision: on GPUs since Ampere, processors with instructions for it.

    Those are AVX512-BF16, AMX and Arm's bf16. oneDNN takes bfloat16 on every processor with AVX-512; where float32 has
    to stand in for it, a training step takes 3.4 times as long as in float32 (a Xeon without AVX512-BF16). Where
    ONEDNN_MAX_CPU_ISA forbids those instructions, it is float32, too.

    Not on a processor if the network has grouped convolutions: bfloat16 makes them slower there, and their gradients
    (oneDNN, in torch 2.14) read memory that nothing has written, NaN where torch is told to be deterministic.
    """
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if torch.backends.mps.is_available() or not torch.backends.mkldnn.is_available():
        return False
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    grouped = any(isinstance(module, nn.Conv2d) and module.groups > 1 for module in network.modules())
    processor = torch.cpu.get_capabilities()
    return not grouped and any(processor.get(name) for name in _BFLOAT16_INSTRUCTIONS)


def inference_precision(device: torch.device, network: nn.Module) -> torch.autocast:
    """Return a context in which the network computes in bfloat16 where that is fast, else in float32.

    Keep it open over all batches: the weights are converted once.
    """
    is_fast = has_fast_bfloat16(network)
    say_measured("precision", "bfloat16" if is_fast else "float32")
    return torch.autocast(device.type, torch.bfloat16, enabled=is_fast)
