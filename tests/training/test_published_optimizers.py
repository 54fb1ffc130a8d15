"""Optimisers of full-size ResNet38 networks, group by group, against those that the published scripts build."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import torch
from paths import GOLDEN, REPOSITORY

from wsss.config import load_parameters
from wsss.models.affinity_network import create_affinity_network
from wsss.models.freeze import freeze
from wsss.models.segmentation_network import create_segmentation_network
from wsss.seed.create_network import create_seed_network
from wsss.training.optimizer import make_optimizer, make_scheduler

PUBLISHED = json.loads((GOLDEN / "published_training.json").read_text())
NETWORKS = {
    "psa_classification_resnet38": ("seed", lambda settings: create_seed_network(settings, 20)),
    "psa_affinitynet_resnet38": ("affinity", create_affinity_network),
    "mctformer_segmentation_resnet38": ("segmentation", lambda settings: create_segmentation_network(settings, 20)),
}


def trained(published: dict) -> Counter:
    """Return how many tensors really train, by (lr, momentum, weight decay)."""
    found: Counter = Counter()
    for group in published["optimiser"]:
        for content in group["contents"].values():
            found[group["lr"], group["momentum"], group["weight_decay"]] += content["require_grad_while_training"]
    return +found


@pytest.mark.parametrize("name", list(NETWORKS))
def test_what_trains_and_how_fast_is_as_published(name):
    block, create = NETWORKS[name]
    settings = getattr(load_parameters(REPOSITORY / "params.yaml", "voc", "backbone=resnet38"), block)
    with torch.device("meta"):  # shapes are all that is asked
        network = create(settings)
    freeze(network, settings.freeze)
    optimizer = make_optimizer(network, settings.optimizer, settings.batch_size)
    scheduler = make_scheduler(optimizer, settings.optimizer, 100, 1000)
    scheduler.step_update(0)
    assert optimizer.defaults["dampening"] == 0 and not optimizer.defaults["nesterov"]
    groups = Counter()
    for group in optimizer.param_groups:
        groups[round(group["lr"], 12), group["momentum"], group["weight_decay"]] += len(group["params"])
    assert groups == trained(PUBLISHED[name])
    rates = PUBLISHED[name]["lr_of_each_group_at_step_of_1000"]
    for step, of_groups in rates.items():
        scheduler.step_update(int(step))
        for group in optimizer.param_groups:
            assert any(group["lr"] == pytest.approx(rate, rel=1e-12) for rate in of_groups), (step, group["lr"])
        assert min(group["lr"] for group in optimizer.param_groups) == pytest.approx(of_groups[0], rel=1e-12)
