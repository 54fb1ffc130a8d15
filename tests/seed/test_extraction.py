"""Seeds from a trained network: scales, flips, patch affinity, labels, the maximum."""

from __future__ import annotations

import math

import pytest
import torch
from small import Pixels, seed_settings
from torch import nn
from torch.nn.functional import interpolate

from wsss.config.blocks import Extract
from wsss.models.attention import Attention, Layer
from wsss.models.create_backbone import create_backbone
from wsss.models.multi_scale import multi_scale
from wsss.models.seed_network import ActivationNetwork
from wsss.seed.extraction import extract_seeds, normalize
from wsss.seed.mappings.cam import Cam

CAM = Cam(seed_settings(mapping="cam"))
CAM_NO_BACKGROUND = Cam(seed_settings(mapping="cam", background_logit=0.0))


class PixelBackbone(Pixels, nn.Module):
    """Features are the pixels; with an affinity, a transformer of one pixel per patch."""

    def __init__(self, affinity: torch.Tensor | None = None):
        super().__init__()
        self.affinity = affinity
        if affinity is not None:
            self.kind = "transformer"

    def with_attention(self, images: torch.Tensor) -> tuple[torch.Tensor, Attention]:
        """One head's attention of one layer is `affinity` (N, N), whose rows add up to 1."""
        count = len(self.affinity)
        queries = self.affinity.log().expand(len(images), 1, -1, -1) * count**0.5
        return self(images), Attention((Layer(queries, torch.eye(count).expand_as(queries)),), prefix=0)


def pixel_network(weight: list[list[float]], affinity: torch.Tensor | None = None) -> ActivationNetwork:
    network = ActivationNetwork(PixelBackbone(affinity), len(weight))
    network.head.weight.data = torch.tensor(weight)[:, :, None, None]
    return network.eval()


def settings(**overrides) -> Extract:
    plain = {"scales": [1.0], "flip": False, "seed_map": "activation", "patch_affinity": False, "normalize": "max"}
    return Extract(**plain | overrides)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(2))


IDENTITY = [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]


def test_seeds_are_at_a_quarter_of_the_images_size_rounded_up():
    seeds = extract_seeds(pixel_network(IDENTITY), CAM, noise(2, 3, 33, 40), torch.ones(2, 3), settings())
    assert seeds.shape == (2, 3, 9, 10)


@pytest.mark.parametrize("backbone", ["tiny_cnn", "tiny_transformer"])
@pytest.mark.parametrize("seed_map", ["activation", "alpha"])
def test_seeds_are_from_zero_to_one_and_zero_for_absent_classes(backbone, seed_map):
    torch.manual_seed(0)
    network = ActivationNetwork(create_backbone(backbone, None), 4).eval()
    network.head.weight.data *= 5
    labels = torch.tensor([[1, 0, 1, 0], [0, 0, 0, 1]])
    chosen = settings(scales=[1.0, 0.5], flip=True, seed_map=seed_map, patch_affinity=True)
    seeds = extract_seeds(network, CAM, noise(2, 3, 44, 36), labels, chosen)
    assert seeds.min() >= 0 and seeds.max() <= 1
    assert seeds[labels == 0].abs().max() == 0
    peaks = seeds.amax((2, 3))[labels == 1]
    assert torch.allclose(peaks[peaks > 0], torch.ones(1)) and (peaks > 0).any()


def test_image_without_labels_has_zero_seeds():
    seeds = extract_seeds(pixel_network(IDENTITY), CAM, noise(1, 3, 8, 8), torch.zeros(1, 3), settings())
    assert torch.equal(seeds, torch.zeros(1, 3, 2, 2))


def test_class_that_is_nowhere_activated_has_zero_seeds():
    seeds = extract_seeds(pixel_network(IDENTITY), CAM, -torch.ones(1, 3, 8, 8), torch.ones(1, 3), settings())
    assert torch.equal(seeds, torch.zeros(1, 3, 2, 2))


def test_activation_is_rectified_before_it_is_resized():
    # 4x8 pixels give 1x2 positions, each the bilinear mean of the middle 2x2 pixels of its 4x4.
    image = torch.zeros(1, 3, 4, 8)
    image[0, 0, 1, 1], image[0, 0, 1, 2] = 4.0, -4.0  # rectified: (4 + 0 + 0 + 0) / 4 = 1; else 0
    image[0, 0, 1:3, 5:7] = 2.0
    seeds = extract_seeds(pixel_network(IDENTITY), CAM, image, torch.tensor([[1, 0, 0]]), settings())
    assert torch.allclose(seeds[0, 0], torch.tensor([[0.5, 1.0]]))


def test_min_max_takes_the_minimum_of_each_map_off():
    """4x8 pixels give 1x2 positions: 1 and 3, and a class that is 2 everywhere, so says nothing of where it is."""
    image = torch.full((1, 3, 4, 8), 2.0)
    image[0, 0] = torch.tensor([1.0] * 4 + [3.0] * 4)
    labels = torch.tensor([[1, 1, 0]])
    network = pixel_network(IDENTITY)
    by_max = extract_seeds(network, CAM, image, labels, settings())
    assert torch.allclose(by_max[0, :, 0], torch.tensor([[1 / 3, 1.0], [1.0, 1.0], [0.0, 0.0]]))
    by_both = extract_seeds(network, CAM, image, labels, settings(normalize="min_max"))
    assert torch.allclose(by_both[0, :, 0], torch.tensor([[0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]))


def test_min_max_is_the_published_one():
    """MCTformer: (x - min) / (max - min + 1e-8), per class."""
    maps = noise(2, 3, 5, 7).abs() * torch.tensor([1.0, 30.0, 0.01])[:, None, None]
    low, high = maps.amin((2, 3), keepdim=True), maps.amax((2, 3), keepdim=True)
    assert torch.allclose(normalize(maps, "min_max"), (maps - low) / (high - low + 1e-8), atol=1e-5)


def test_alpha_map_is_the_share_among_classes_and_background():
    # constant in each half, so that resizing changes nothing: z = (0, 0, 0) | (ln 4, 0, 0), background logit 0
    image = torch.zeros(1, 3, 4, 8)
    image[0, 0, :, 4:] = math.log(4)  # alpha: 1/4 | 4/7, divided by the larger
    network = pixel_network(IDENTITY)
    seeds = extract_seeds(network, CAM_NO_BACKGROUND, image, torch.tensor([[1, 0, 0]]), settings(seed_map="alpha"))
    assert torch.allclose(seeds[0, 0], torch.tensor([[7 / 16, 1.0]]))


def test_scales_and_flips_are_summed():
    image, size = noise(1, 3, 16, 24), (4, 6)
    seeds = extract_seeds(pixel_network(IDENTITY), CAM, image, torch.ones(1, 3), settings(scales=[1.0, 0.5], flip=True))
    half = interpolate(image, (8, 12), mode="bicubic", align_corners=False, antialias=True)
    views = [image, image.flip(-1), half, half.flip(-1)]
    back = [view.relu() if i % 2 == 0 else view.relu().flip(-1) for i, view in enumerate(views)]
    total = sum(interpolate(view, size, mode="bilinear", align_corners=False) for view in back)
    assert torch.allclose(seeds, total / total.amax((2, 3), keepdim=True), atol=1e-6)


@pytest.mark.parametrize("flip", [True, False])
def test_seeds_of_the_flipped_image_are_the_flipped_seeds(flip):
    """With both flips seen this holds for any network; here for one that sees left and right differently."""
    network = pixel_network(IDENTITY)
    network.backbone.forward = lambda images: images * torch.linspace(0.1, 1, images.shape[-1])
    image = noise(1, 3, 16, 16).abs()
    chosen = settings(flip=flip, scales=[1.0, 0.75])
    seeds = extract_seeds(network, CAM, image, torch.ones(1, 3), chosen)
    mirrored = extract_seeds(network, CAM, image.flip(-1), torch.ones(1, 3), chosen)
    assert torch.allclose(mirrored.flip(-1), seeds, atol=1e-6) == flip


def test_each_image_of_a_batch_gets_the_seeds_it_has_alone():
    torch.manual_seed(0)
    network = ActivationNetwork(create_backbone("tiny_transformer", None), 3).eval()
    images, labels = noise(2, 3, 32, 40), torch.tensor([[1, 1, 0], [0, 1, 1]])
    chosen = settings(flip=True, patch_affinity=True)
    both = extract_seeds(network, CAM, images, labels, chosen)
    for i in range(2):
        assert torch.allclose(
            both[i : i + 1], extract_seeds(network, CAM, images[i : i + 1], labels[i : i + 1], chosen), atol=1e-4
        )


def test_patch_affinity_spreads_the_activation_along_its_rows(monkeypatch):
    # cam <- P cam for the 16 pixels of a 4x4 image: row n of P says from where position n takes.
    affinity = torch.rand(16, 16, generator=torch.Generator().manual_seed(3)).softmax(-1)
    image, seen = noise(1, 3, 4, 4), []

    def spy(predict, images, *others, **named):
        seen.append(predict(images))  # the maps before they are brought to a quarter
        return multi_scale(predict, images, *others, **named)

    monkeypatch.setattr("wsss.seed.extraction.multi_scale", spy)
    extract_seeds(pixel_network(IDENTITY, affinity), CAM, image, torch.ones(1, 3), settings(patch_affinity=True))
    for channel in range(3):
        expected = affinity @ image[0, channel].relu().flatten()
        assert torch.allclose(seen[0][0, channel].flatten(), expected, atol=1e-5)


def test_patch_affinity_off_leaves_the_activation():
    torch.manual_seed(0)
    network = ActivationNetwork(create_backbone("tiny_transformer", None), 2).eval()
    image, labels = noise(1, 3, 32, 32), torch.ones(1, 2)
    with_affinity = extract_seeds(network, CAM, image, labels, settings(patch_affinity=True))
    without = extract_seeds(network, CAM, image, labels, settings(patch_affinity=False))
    with torch.no_grad():
        plain = interpolate(network(image).relu(), (8, 8), mode="bilinear", align_corners=False)
    assert torch.allclose(without, plain / plain.amax((2, 3), keepdim=True), atol=1e-5)
    assert not torch.allclose(without, with_affinity, atol=1e-2)


def test_scaled_images_have_whole_patches():
    shapes = []

    def predict(view: torch.Tensor) -> torch.Tensor:
        shapes.append(tuple(view.shape[-2:]))
        return view

    maps = list(multi_scale(predict, noise(1, 3, 50, 70), [1.0, 0.5, 0.01], False, (13, 18), multiple=16))
    assert shapes == [(48, 64), (32, 32), (16, 16)]  # 50/16 = 3.1, 70/16 = 4.4; 25/16 = 1.6, 35/16 = 2.2
    assert [tuple(one.shape) for one in maps] == [(1, 3, 13, 18)] * 3


def test_image_and_its_flip_share_one_forward():
    batches = []
    maps = list(multi_scale(lambda view: batches.append(len(view)) or view, noise(3, 3, 8, 8), [1.0], True, (8, 8)))
    assert batches == [6] and len(maps) == 2
    assert torch.equal(maps[0], maps[1])  # pixels flipped there and back


def test_a_large_view_and_its_flip_have_a_call_each_and_the_same_maps(monkeypatch):
    image, sizes = torch.rand(1, 3, 6, 8, generator=torch.Generator().manual_seed(0)), []

    def predict(view: torch.Tensor) -> torch.Tensor:
        sizes.append(len(view))
        return view.cumsum(-1)[:, :2]  # not the same when flipped

    together = list(multi_scale(predict, image, [1.0], True, (6, 8)))
    monkeypatch.setattr("wsss.models.multi_scale.PIXELS_TOGETHER", 47)
    apart = list(multi_scale(predict, image, [1.0], True, (6, 8)))
    assert sizes == [2, 1, 1]
    assert all(torch.equal(one, other) for one, other in zip(together, apart, strict=True))
