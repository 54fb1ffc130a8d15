"""A network as a training stage left it, ready for inference."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from wsss.device import inference_device
from wsss.models.weights import load_network

NETWORK_FILE = "network.safetensors"  # in the folder that a training stage writes


def open_trained(network: nn.Module, folder: Path) -> torch.device:
    """Load what was trained into `network`, put it into eval mode on the GPU or CPU, and return that device.

    `folder` may also be a file of weights, such as published ones (`wsss.models.weights.load_network`).

    Raises `InputError` for a file that is missing, broken or of another network.
    """
    load_network(network, folder if folder.is_file() else folder / NETWORK_FILE)
    device = inference_device()
    network.eval().to(device)
    return device
