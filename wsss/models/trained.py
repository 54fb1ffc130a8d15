"""A network as a training stage left it, ready for inference."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import safe_open

from wsss.device import inference_device
from wsss.errors import InputError
from wsss.models.backbone import Backbone, BackboneNetwork
from wsss.models.weights import load_network

NETWORK_FILE = "network.safetensors"  # in the folder that a training stage writes


def normalization(backbone: Backbone) -> dict[str, str]:
    """Return what a trained network's file records of its images: the mean and std of each channel."""
    return {name: " ".join(map(str, getattr(backbone, name))) for name in ("mean", "std")}


def open_trained(network: BackboneNetwork, folder: Path) -> torch.device:
    """Load what was trained into `network`, put it into eval mode on the GPU or CPU, and return that device.

    `folder` may also be a file of weights, such as published ones (`wsss.models.weights.load_network`).

    Raises `InputError` for a file that is missing, broken, of another network, or of images normalised otherwise.
    """
    path = folder if folder.is_file() else folder / NETWORK_FILE
    load_network(network, path)
    _check_normalization(network.backbone, path)
    device = inference_device()
    network.eval().to(device)
    return device


def _check_normalization(backbone: Backbone, path: Path) -> None:
    """Refuse a network that saw images of another mean and std: timm's have changed with what a name stands for."""
    if path.suffix != ".safetensors":
        return
    with safe_open(path, "pt") as file:
        recorded = file.metadata() or {}
    for name, expected in normalization(backbone).items():
        if recorded.get(name, expected) != expected:
            raise InputError(
                f"{path}: trained on images whose {name} was {recorded[name]}, and that of {backbone.name!r} is now "
                f"{expected}; install the timm that trained it (the .run.json beside it says which), or train it again"
            )
