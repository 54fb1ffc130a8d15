"""Weights of a timm network as their authors published them: by other names than timm's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature

from timm.models import model_entrypoint
from torch import Tensor, nn

_LAST_NORMS = ("norm.", "fc_norm.")  # before or after pooling: the same weights, in a transformer


def by_timm_names(name: str, network: nn.Module, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights by the names of the timm network `name`, where timm knows those of their authors.

    DINOv2, DINOv3, CLIP and others name their layers otherwise; timm's own download is translated by a function in the
    file of the network's family, and so is a file here. A transformer fine-tuned with its last norm after the pooling
    (MAE) fits one that has it before. Weights that need no translation, or that timm cannot translate, are returned as
    they are.
    """
    translated = dict(weights)
    if _misfits(network, translated):
        family = import_module(model_entrypoint(name.split(".")[0]).__module__)
        translate = getattr(family, "checkpoint_filter_fn", None)
        try:
            translated = translate(dict(weights), network, **_options(translate)) if translate else translated
        except Exception:  # it fails in many ways on what it is not made for; then the names speak for themselves
            translated = dict(weights)
    own = network.state_dict()
    for norm, other in (_LAST_NORMS, _LAST_NORMS[::-1]):
        if f"{norm}weight" in own and f"{norm}weight" not in translated:
            own_names = {n: f"{norm}{n.removeprefix(other)}" for n in translated if n.startswith(other)}
            translated = {own_names.get(n, n): v for n, v in translated.items()}
    return translated if _misfits(network, translated) < _misfits(network, weights) else dict(weights)


def _options(translate: Callable) -> dict[str, bool]:
    """Return what timm itself calls the function with: for DeiT-III, whose layer scales have other names."""
    return {"adapt_layer_scale": True} if "adapt_layer_scale" in signature(translate).parameters else {}


def _misfits(network: nn.Module, weights: Mapping[str, Tensor]) -> int:
    return len(network.state_dict().keys() ^ weights.keys())
