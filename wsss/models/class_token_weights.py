"""Weights of networks with a class token per class: MCTformer's by their published names, and this project's own.

Published files hold {"model": state dict}. They have timm's names for the transformer, V2's 3x3 head of PatchCAM beside
it, and layers that no output depends on: the norm after the last block, and V1's linear head.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from wsss.errors import InputError

_TRANSFORMER = "backbone.network."  # before its names in a network of this project


def class_tokens(weights: Mapping[str, Tensor]) -> int:
    """Return how many class tokens a transformer's weights hold: 1 in DeiT, C in MCTformer; 0 without any."""
    token = next((value for name, value in weights.items() if name.split(".")[-1] == "cls_token"), None)
    return token.shape[1] if token is not None and token.ndim == 3 else 0


def by_own_names(weights: Mapping[str, Tensor], num_classes: int, source: str) -> dict[str, Tensor]:
    """Return weights by the names of this project's class-token networks, without layers that no output depends on.

    Raises `InputError` naming `source` if their class tokens are not one for each of `num_classes`.
    """
    tokens = class_tokens(weights)
    if tokens not in (0, num_classes):
        raise InputError(
            f"{source}: {tokens} class token{'s' * (tokens != 1)}, where each of the data set's {num_classes} classes "
            "has one; give weights that were trained for these classes"
        )
    before = next((name.removesuffix("cls_token") for name in weights if name.split(".")[-1] == "cls_token"), "")
    if before != _TRANSFORMER:  # what others put before the names of their network
        weights = {name.removeprefix(before): value for name, value in weights.items()}
    own = {
        f"{'' if name.startswith(('head.', _TRANSFORMER)) else _TRANSFORMER}{name}": v for name, v in weights.items()
    }
    unused = (f"{_TRANSFORMER}norm.",) if has_patch_cam(weights) else (f"{_TRANSFORMER}norm.", "head.")
    return {name: value for name, value in own.items() if not name.startswith(unused)}


def has_patch_cam(weights: Mapping[str, Tensor]) -> bool:
    """Return whether weights hold PatchCAM's head, a 3x3 convolution; a V1 has a linear one or none."""
    head = weights.get("head.weight")
    return head is not None and head.shape[2:] == (3, 3)


def check_version(weights: Mapping[str, Tensor], is_v2: bool, source: str) -> None:
    """Raise an `InputError` naming `source` for weights of the other MCTformer than the network."""
    if class_tokens(weights) and has_patch_cam(weights) != is_v2:
        found, mapping = ("V1, without", "mct") if is_v2 else ("V2, with", "mct_v2")
        raise InputError(f"{source}: weights of MCTformer-{found} PatchCAM's 3x3 head; use mapping={mapping}")
