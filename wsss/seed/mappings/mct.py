"""Mapping `mct`: class tokens instead of activations (MCTformer-V1; the paper's eq. 10 stands for it)."""

from __future__ import annotations

from torch import Tensor

from wsss.config.blocks import Extract
from wsss.models.attention import Attention
from wsss.models.backbone import Backbone, TransformerBackbone
from wsss.models.class_token_network import ClassTokenNetwork
from wsss.models.seed_network import SeedNetwork
from wsss.seed.mappings.base import Mapping


class Mct(Mapping):
    """The score of a class is the mean of its output token over the channels; its seed the token's attention."""

    def network(self, backbone: Backbone, num_classes: int) -> SeedNetwork:
        assert isinstance(backbone, TransformerBackbone)  # `kinds` in the table of choices
        return ClassTokenNetwork(backbone, num_classes)

    def log_alpha(self, output: Tensor) -> None:
        return None

    def scores(self, output: Tensor, log_alpha: Tensor | None) -> Tensor:
        return output.mean(-1)

    def maps(self, network: SeedNetwork, images: Tensor, settings: Extract) -> tuple[Tensor, Attention | None]:
        assert isinstance(network, ClassTokenNetwork)  # as `network` made it
        maps, attention = network.seed_maps(images)
        return maps, attention if settings.patch_affinity else None
