"""Mapping `mct_v2`: class tokens and PatchCAM (MCTformer-V2; the row MCTformer of the paper's table 2)."""

from __future__ import annotations

from torch import Tensor

from wsss.models.backbone import Backbone, TransformerBackbone
from wsss.models.class_token_network import PatchCamNetwork
from wsss.models.seed_network import SeedNetwork
from wsss.seed.mappings.mct import Mct


class MctV2(Mct):
    """Each class has two scores, its token's and its PatchCAM's; its seed is the token's attention times PatchCAM."""

    def network(self, backbone: Backbone, num_classes: int) -> SeedNetwork:
        assert isinstance(backbone, TransformerBackbone)  # `kinds` in the table of choices
        return PatchCamNetwork(backbone, num_classes)

    def scores(self, output: Tensor, log_alpha: Tensor | None) -> Tensor:
        return output.movedim(1, 0)
