"""From a name and weights to a backbone: this project's own networks, and every plain ViT or CNN of timm."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import timm
from timm.models.eva import Eva
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from wsss.config.choices import BACKBONES
from wsss.config.kinds import network_kind
from wsss.config.paths import expand_path
from wsss.errors import InputError
from wsss.models.backbone import DROP_PATH_AT_FIRST, Backbone, ConvBackbone, TransformerBackbone
from wsss.models.checkpoint import without_prefix
from wsss.models.timm_weights import by_timm_names
from wsss.models.weights import load_weights, read_weights


def create_backbone(name: str, weights: str | Path | None, output_stride: int = 8) -> Backbone:
    """Build a backbone and load its weights.

    Args:
        name: a key of `wsss.config.choices.BACKBONES`, or a timm name.
        weights: "imagenet" for timm's download or the fetched file of an own backbone, a file (also of a network
            trained here, whose backbone is taken), or None for random weights.
        output_stride: of a timm CNN, where it can be chosen.

    Layers of the file that the backbone has no use for (a classifier) are named on standard error, but for those of a
    larger network whose part the backbone is.

    Raises:
        InputError: unknown network, weights that cannot be had, or that belong to another network.
    """
    kind, download = network_kind(name), weights == "imagenet"
    own = BACKBONES.get(name)
    if own is not None:
        network = own.load()(drop_path_rate=DROP_PATH_AT_FIRST)
    else:
        network = _create_timm(name, kind, download, output_stride)
        download = False
    if download and own is not None and own.fetched_weights is not None:
        weights, download = own.fetched_weights, False
        if not Path(weights).is_file():
            advice = f"fetch them: snakemake --cores 1 {weights}"
            raise InputError(f"{weights}: no ImageNet weights of {name!r} yet; {advice}")
    if download:
        raise InputError(f"no ImageNet weights of {name!r} can be downloaded: name a file, or null for random weights")
    if weights not in (None, "imagenet"):
        path = expand_path(str(weights), f"weights of {name}")
        read = without_prefix(read_weights(path), network.state_dict(), str(path))
        for message in load_weights(network, read if own else by_timm_names(name, network, read), str(path)):
            print(message, file=sys.stderr)
    return (TransformerBackbone if kind == "transformer" else ConvBackbone)(network, name)


def _create_timm(name: str, kind: str, pretrained: bool, output_stride: int) -> nn.Module:
    options: dict[str, Any] = {"num_classes": 0, "drop_path_rate": DROP_PATH_AT_FIRST}
    options |= {"dynamic_img_size": True} if kind == "transformer" else {"output_stride": output_stride}
    while True:
        try:
            network = timm.create_model(name, pretrained=pretrained, **options)
            if isinstance(network, VisionTransformer | Eva):
                network.reset_classifier(0, "")  # SigLIP pools by attention, which no feature depends on
            return network
        except (TypeError, AssertionError) as error:  # not every family takes every option, or every stride
            named = [key for key in options if f"'{key}'" in str(error)]
            refused = named or [
                key for key in ("output_stride",) if key in options and not isinstance(error, TypeError)
            ]
            if not refused:
                raise
            options.pop(refused[0])
        except Exception as error:
            if not pretrained:
                raise
            raise InputError(
                f"the ImageNet weights of {name!r} could not be downloaded ({type(error).__name__}: {error}); "
                "give a file in the backbone's `weights:`"
            ) from error
