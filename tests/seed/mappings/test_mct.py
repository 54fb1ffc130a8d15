"""`mct`: class tokens, their score, their attention as seeds, and what the mapping does not go with."""

from __future__ import annotations

import math

import pytest
import torch
from small import params, seed_settings

from wsss.config.blocks import Extract
from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.class_token_network import ClassTokenNetwork
from wsss.models.create_backbone import create_backbone
from wsss.models.seed_network import ActivationNetwork
from wsss.models.weights import load_network, write_weights
from wsss.seed.create_network import create_seed_network
from wsss.seed.extraction import extract_seeds
from wsss.seed.mappings.mct import Mct
from wsss.seed.task import SeedTask


def network(backbone: str = "tiny_transformer", classes: int = 4) -> ClassTokenNetwork:
    torch.manual_seed(0)
    made = create_seed_network(seed_settings(mapping="mct", backbone=backbone, **NONE), classes)
    for parameter in (made.backbone.network.cls_token, made.backbone.network.pos_embed):
        torch.nn.init.normal_(parameter, generator=torch.Generator().manual_seed(5))  # tokens that differ
    return made.eval()


NONE = {"regularization": "none"}
MCT = Mct(seed_settings(mapping="mct", **NONE))
IMAGES = torch.randn(2, 3, 64, 48, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("backbone", ["tiny_transformer", "deit_small_patch16_224"])
def test_class_tokens_start_as_the_pretrained_one_with_its_position(backbone):
    before = create_backbone(backbone, None).network
    torch.nn.init.normal_(before.cls_token)
    token, positions = before.cls_token.detach().clone(), before.pos_embed.detach().clone()
    made = create_backbone(backbone, None)
    made.network.load_state_dict(before.state_dict())
    after = ClassTokenNetwork(made, 4).backbone.network
    assert after.cls_token.shape[1] == 4 and after.pos_embed.shape[1] == positions.shape[1] + 3
    for number in range(4):
        assert torch.equal(after.cls_token[:, number], token[:, 0])
        assert torch.equal(after.pos_embed[:, number], positions[:, 0])
    assert torch.equal(after.pos_embed[:, 4:], positions[:, 1:])


@pytest.mark.parametrize("backbone", ["tiny_transformer", "deit_small_patch16_224"])
def test_one_class_token_is_the_network_without_its_last_norm(backbone):
    plain = create_backbone(backbone, None).eval()
    norm, tokens = plain.network.norm, plain.tokens(IMAGES)[0]
    made = ClassTokenNetwork(plain, 1).eval()
    assert torch.allclose(norm(made(IMAGES)), tokens[:, :1], atol=1e-6)  # the last norm is what was taken off


def test_score_is_the_mean_over_the_tokens_channels():
    tokens = torch.tensor([[[1.0, 3.0, 5.0], [0.0, -1.0, -2.0]]])
    assert MCT.scores(tokens, None).tolist() == [[3.0, -1.0]]


@pytest.mark.parametrize("size", [1.0, 30.0])
def test_scores_are_not_bounded_by_a_norm(size):
    """A class is denied or affirmed surely: the score grows with the token, as no norm holds it near 0."""
    made = network()
    bias = made.backbone.network.blocks[-1].mlp.fc2.bias
    with torch.no_grad():
        bias += size
        scores = MCT.scores(made(IMAGES), None)
        bias -= size
        assert torch.allclose(scores - MCT.scores(made(IMAGES), None), torch.tensor(size), atol=1e-4)


def test_attention_is_the_mean_over_heads_and_the_sum_over_the_last_three_layers():
    made = network("deit_tiny_patch16_224")
    blocks, seen = made.backbone.network.blocks, []
    for block in blocks:  # the attention, from each block's own input, by the definition
        block.attn.register_forward_pre_hook(lambda module, inputs: seen.append((module, inputs[0])))
    with torch.no_grad():
        maps, attention = made.seed_maps(IMAGES)
        layers = []
        for module, x in seen[-3:]:
            q, k, _ = module.qkv(x).reshape(2, x.shape[1], 3, module.num_heads, -1).permute(2, 0, 3, 1, 4)
            layers.append((q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(-1).mean(1))
    expected = sum(layers)[:, :4, 4:].reshape(2, 4, 4, 3)  # 64x48 pixels: 4x3 patches behind 4 class tokens
    assert torch.allclose(maps, expected, atol=1e-5)
    assert attention.affinity().shape == (2, 12, 12)


@pytest.mark.parametrize("patch_affinity", [False, True])
def test_seeds_are_the_attention_of_each_classes_token(patch_affinity):
    made = network()
    settings = Extract(scales=[1.0], flip=False, seed_map="activation", patch_affinity=patch_affinity, normalize="max")
    labels = torch.tensor([[1, 1, 0, 0], [0, 0, 1, 0]])
    seeds = extract_seeds(made, MCT, IMAGES, labels, settings)
    with torch.no_grad():
        maps, attention = made.seed_maps(IMAGES)
        if patch_affinity:
            maps = torch.einsum("bnm,bcm->bcn", attention.affinity(), maps.flatten(2)).reshape(maps.shape)
    wanted = torch.nn.functional.interpolate(maps, (16, 12), mode="bilinear", align_corners=False)
    assert torch.allclose(seeds[0, 1], wanted[0, 1] / wanted[0, 1].max(), atol=1e-5)
    assert seeds[labels == 0].abs().max() == 0


def test_tokens_that_start_equal_learn_to_differ():
    made = create_seed_network(seed_settings(mapping="mct", **NONE), 2)
    task = SeedTask(made, seed_settings(mapping="mct", **NONE))
    losses = task.loss(made, {"image": IMAGES, "labels": torch.tensor([[1.0, 0.0], [1.0, 0.0]])})
    assert set(losses) == {"loss", "classification"}
    losses["loss"].backward()
    assert losses["loss"] != math.log(2)  # the scores are not all 0, as after a fresh norm
    gradient = made.backbone.network.cls_token.grad[0]
    assert gradient.isfinite().all() and not torch.allclose(gradient[0], gradient[1])
    assert all(parameter.grad is not None for parameter in made.parameters())  # several GPUs want it so


def test_labels_of_a_few_images_are_learnt():
    torch.manual_seed(0)
    labels = torch.eye(3).repeat(2, 1)
    images = torch.randn(6, 3, 32, 32) + 3 * labels[:, :, None, None]  # a class is a colour
    made = create_seed_network(seed_settings(mapping="mct", **NONE), 3)
    task, optimizer = SeedTask(made, seed_settings(mapping="mct", **NONE)), torch.optim.AdamW(made.parameters(), 5e-4)
    for _ in range(60):
        loss = task.loss(made, {"image": images, "labels": labels})["loss"]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1


def test_trained_network_is_read_back(tmp_path):
    made = network()
    write_weights(tmp_path / "w.safetensors", made.state_dict(), {})
    fresh = create_seed_network(seed_settings(mapping="mct", **NONE), 4)
    load_network(fresh, tmp_path / "w.safetensors")
    assert torch.equal(fresh.eval()(IMAGES), made(IMAGES))


def test_other_mappings_have_activations():
    settings = seed_settings(mapping="cam", head_dropout=0.3)
    made = create_seed_network(settings, 4)
    assert isinstance(made, ActivationNetwork) and made.dropout.p == 0.3


def test_transformer_without_a_single_class_token_is_refused():
    with pytest.raises(InputError, match="class token.*mapping=cam"):
        ClassTokenNetwork(create_backbone("deit_tiny_distilled_patch16_224", None), 3)


@pytest.mark.parametrize(
    ("variant", "advice"),
    [
        ("mapping=mct,regularization=none,backbone=tiny_cnn", "use mapping=cam"),
        ("mapping=mct,regularization=none,extract.seed_map=alpha", "use extract.seed_map=activation"),
        (
            "mapping=mct,regularization=none,segmentation.weights=seed_network,segmentation.backbone=tiny_transformer",
            "give other weights",
        ),
        ("mapping=mct,regularization=aa", "use regularization=none"),
        ("mapping=mct,regularization=gt", "use regularization=none"),
        ("mapping=mct,regularization=oaa", "use regularization=none"),
    ],
)
def test_combination_without_meaning_is_refused_with_what_to_use(variant, advice):
    with pytest.raises(InputError) as error:
        resolve(params(), "toy", variant)
    assert advice in str(error.value) and "mct" in str(error.value)
