"""What a mapping is: how the seed network is built, scored and looked into."""

from __future__ import annotations

from torch import Tensor

from wsss.config.blocks import Extract, Seed
from wsss.models.attention import Attention
from wsss.models.backbone import Backbone
from wsss.models.seed_network import ActivationNetwork, SeedNetwork
from wsss.seed.distribution import log_alpha


class Mapping:
    """From a network's output to one score per class, and to the maps that become seeds.

    As it stands, of activations z: a subclass says what the scores are, and one whose network gives no activations
    (`has_alpha=False` in `wsss.config.choices.MAPPINGS`) says the rest, too.
    """

    def __init__(self, settings: Seed):
        self.settings = settings

    def network(self, backbone: Backbone, num_classes: int) -> SeedNetwork:
        """Return the network that is trained: `backbone`, and what makes `num_classes` foreground classes of it."""
        return ActivationNetwork(backbone, num_classes, self.settings.head_dropout)

    def log_alpha(self, output: Tensor) -> Tensor | None:
        """Return log alpha (B, C+1, h, w) of the network's output in float32 (eq. 7); None where there is no alpha."""
        return log_alpha(output, self.settings.background_logit)

    def scores(self, output: Tensor, log_alpha: Tensor | None) -> Tensor:
        """Return class scores (B, C), before the sigmoid, of what the network and `log_alpha` gave.

        (S, B, C) where a class has S scores, each of which is trained: their classification losses are added.
        """
        raise NotImplementedError

    def maps(self, network: SeedNetwork, images: Tensor, settings: Extract) -> tuple[Tensor, Attention | None]:
        """Return the maps of one view that become seeds, and what refines them.

        Args:
            network: as `network` built it, in eval mode.
            images: normalised, (B, 3, H, W).

        Returns:
            maps (B, C, h, w), not negative, and the attention whose patch affinity refines them, or None where that is
            not asked for.
        """
        backbone = network.backbone
        features, attention = backbone.with_attention(images) if settings.patch_affinity else (backbone(images), None)
        assert isinstance(network, ActivationNetwork)  # as `network` made it
        z = network.head(features)
        if settings.seed_map == "alpha":
            return log_alpha(z, self.settings.background_logit)[:, :-1].exp(), attention
        return z.relu(), attention
