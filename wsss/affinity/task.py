"""Training AffinityNet."""

from __future__ import annotations

from torch import Tensor, nn

from wsss.affinity.labels import labels_at_stride, pair_labels
from wsss.affinity.loss import affinity_loss
from wsss.affinity.pairs import affinity
from wsss.config.blocks import Affinity
from wsss.models.affinity_network import AffinityNetwork
from wsss.training.task import Task


class AffinityTask(Task):
    """Positions of one class attract, others repel, as far as the confident labels tell."""

    def __init__(self, network: AffinityNetwork, settings: Affinity):
        self.network, self.settings = network, settings

    def loss(self, network: nn.Module, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        radius = self.settings.radius
        features = network(batch["image"]).float()
        labels = labels_at_stride(batch["mask"], self.settings.stride)
        return {"loss": affinity_loss(affinity(features, radius), pair_labels(labels, radius))}
