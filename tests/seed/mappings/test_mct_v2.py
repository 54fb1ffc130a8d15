"""`mct_v2`: two scores for each class, both trained; attention times PatchCAM as seeds."""

from __future__ import annotations

import math

import pytest
import torch
from small import params, seed_settings

from wsss.config.blocks import Extract
from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.class_token_network import ClassTokenNetwork, PatchCamNetwork
from wsss.models.weights import load_network, write_weights
from wsss.seed.create_network import create_seed_network
from wsss.seed.extraction import extract_seeds
from wsss.seed.mappings.mct_v2 import MctV2
from wsss.seed.task import SeedTask, classification_loss

SETTINGS = seed_settings(mapping="mct_v2", regularization="none")
MCT_V2 = MctV2(SETTINGS)
IMAGES = torch.randn(2, 3, 64, 48, generator=torch.Generator().manual_seed(1))
LABELS = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])


@pytest.fixture
def network() -> PatchCamNetwork:
    torch.manual_seed(0)
    made = create_seed_network(SETTINGS, 3)
    for parameter in (made.backbone.network.cls_token, made.backbone.network.pos_embed):
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(5))  # tokens that differ
    return made.eval()


@torch.no_grad()
def test_scores_are_the_tokens_means_and_the_means_of_patch_cam_before_it_is_rectified(network):
    tokens, (height, width) = network.backbone.tokens(IMAGES)
    patches = tokens[:, 3:].transpose(1, 2).reshape(2, 128, height, width)
    scores = MCT_V2.scores(network(IMAGES), None)
    assert torch.allclose(scores[0], tokens[:, :3].mean(-1), atol=1e-6)
    assert torch.allclose(scores[1], network.head(patches).mean((2, 3)), atol=1e-6)
    assert (network.head(patches) < 0).any()  # so that rectified it would have another mean


def test_loss_is_the_sum_of_both_scores_losses():
    # scores 0 and ln 3 of a class that is absent: ln 2 and ln 4
    scores = torch.tensor([0.0, math.log(3)]).reshape(2, 1, 1)
    assert classification_loss(scores, torch.zeros(1, 1)).item() == pytest.approx(math.log(2) + math.log(4))
    assert classification_loss(scores[1], torch.zeros(1, 1)).item() == pytest.approx(math.log(4))


def test_both_scores_are_trained(network):
    task = SeedTask(network.train(), SETTINGS)
    losses = task.loss(network, {"image": IMAGES, "labels": LABELS})
    tokens, patches = MCT_V2.scores(network(IMAGES), None)
    assert torch.allclose(losses["loss"], classification_loss(tokens, LABELS) + classification_loss(patches, LABELS))
    losses["loss"].backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())
    task.after_step()


@pytest.mark.parametrize("patch_affinity", [False, True])
@torch.no_grad()
def test_seeds_are_attention_times_rectified_patch_cam(network, patch_affinity):
    settings = Extract(scales=[1.0], flip=False, seed_map="activation", patch_affinity=patch_affinity, normalize="max")
    seeds = extract_seeds(network, MCT_V2, IMAGES, LABELS, settings)
    to_patches, attention = ClassTokenNetwork.seed_maps(network, IMAGES)
    maps = to_patches * network.head(network.backbone(IMAGES)).relu()
    if patch_affinity:
        maps = torch.einsum("bnm,bcm->bcn", attention.affinity(), maps.flatten(2)).reshape(maps.shape)
    wanted = torch.nn.functional.interpolate(maps, (16, 12), mode="bilinear", align_corners=False)
    assert torch.allclose(seeds[0, 2], wanted[0, 2] / wanted[0, 2].max(), atol=1e-5)
    assert seeds[LABELS == 0].abs().max() == 0 and seeds[LABELS == 1].amax((1, 2)).min() > 0


def test_trained_network_is_read_back(network, tmp_path):
    write_weights(tmp_path / "w.safetensors", network.state_dict(), {})
    fresh = create_seed_network(SETTINGS, 3)
    load_network(fresh, tmp_path / "w.safetensors")
    assert torch.equal(fresh.eval()(IMAGES), network(IMAGES))


@pytest.mark.parametrize(
    ("variant", "advice"),
    [
        ("mapping=mct_v2,regularization=none,backbone=tiny_cnn", "use mapping=cam"),
        ("mapping=mct_v2,regularization=none,extract.seed_map=alpha", "use extract.seed_map=activation"),
        ("mapping=mct_v2,regularization=aa", "use regularization=none"),
    ],
)
def test_combination_without_meaning_is_refused_with_what_to_use(variant, advice):
    with pytest.raises(InputError) as error:
        resolve(params(), "toy", variant)
    assert advice in str(error.value) and "mct_v2" in str(error.value)
