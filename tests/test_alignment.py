"""Wherever a map meets an image, both show the same place, whether or not the sides are whole strides.

Places are known from drawn pictures and from networks that return what is at the centre of their positions (see
`known_pictures`). A network's own maps are resized to the image, as published: that is right to within half a position,
as a padded CNN centres its positions on the first pixel of their strides, or (TensorFlow's padding) on the last.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from known_pictures import corners, dots, place_of, places_seen, sampling
from PIL import Image
from plain_transformers import make_small
from small import Pixels, seed_settings
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

from wsss.affinity.labels import labels_at_stride
from wsss.config.blocks import Augmentation, Extract, Predict
from wsss.data.augment import TrainTransform, seeded
from wsss.figures.pictures import feature_map, heat_map
from wsss.models.affinity_network import AffinityNetwork
from wsss.models.backbone import Backbone
from wsss.models.cells import cell_grid
from wsss.models.create_backbone import create_backbone
from wsss.models.multi_scale import multi_scale
from wsss.models.seed_network import ActivationNetwork
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.seed.extraction import extract_seeds
from wsss.seed.mappings.cam import Cam
from wsss.seed.regularization.attention_accumulation import to_crop, to_image
from wsss.seed.regularization.geometric_transform import pooled, transformed
from wsss.seed.seed_file import Seed, seed_at_full_size
from wsss.segmentation.inference import predict_probabilities

NETWORKS = [
    ("tiny_cnn", 8),
    ("tiny_transformer", 8),
    ("resnet18", 8),
    ("tf_efficientnet_lite0", 16),
    ("densenet121", 32),  # pads, but its average pooling drops an odd row
    ("convnext_atto", 32),  # patches, as transformers have
    ("vit_tiny_patch16_224", 16),
    ("vit_small_patch14_reg4_dinov2", 14),  # prefix tokens
    ("vit_small_patch16_dinov3", 16),  # rotary positions
]
CAM = Cam(seed_settings(mapping="cam"))
AROUND = [-1, 0, 1, 5]  # pixels more than a whole number of strides


@pytest.fixture(autouse=True)
def small_networks(monkeypatch):
    """What blocks would do is taken away from them anyway: so two of them serve."""
    make_small(monkeypatch)


def backbone_of(name: str, stride: int) -> Backbone:
    return sampling(create_backbone(name, None, stride))


def centres(count: int, side: int) -> torch.Tensor:
    """Return the centres of `count` positions that share `side` pixels."""
    return (torch.arange(count) + 0.5) * side / count


@pytest.mark.parametrize(("name", "stride"), NETWORKS)
def test_a_networks_map_spans_the_image_to_within_half_a_position(name, stride):
    backbone = backbone_of(name, stride)
    assert backbone.stride == stride
    for more in (*AROUND, stride // 2 + 1):
        height, width = 5 * stride + more, 7 * stride + more
        y, x = places_seen(backbone, (height, width))
        assert (y - centres(y.shape[0], height)[:, None]).abs().max() < stride / 2
        assert (x - centres(x.shape[1], width)).abs().max() < stride / 2


@pytest.mark.parametrize(
    ("name", "of_network", "stride"),
    [
        ("tiny_cnn", 8, 8),
        ("tiny_cnn", 8, 4),
        ("resnet18", 16, 8),
        ("tiny_transformer", 8, 8),
        ("vit_tiny_patch16_224", 16, 8),
        ("vit_tiny_patch16_224", 16, 16),
        ("vit_small_patch14_reg4_dinov2", 14, 8),
        ("convnext_atto", 32, 8),
    ],
)
@pytest.mark.parametrize("more", [-1, 1, 5])
def test_affinity_features_lie_on_the_cells_of_seeds_and_labels(name, of_network, stride, more):
    """Cells see the same place as in an image of whole strides; nearly so the last ones, which see padding, too."""
    network = AffinityNetwork(backbone_of(name, of_network), stride).eval()
    for layer in (*network.levels, network.join):
        torch.nn.init.constant_(layer.weight, 1 / layer.in_channels)
    size, whole = (96 + more, 128 + more), (160, 192)
    y, x = places_seen(network, size)
    assert y.shape == cell_grid(size, stride) == labels_at_stride(torch.zeros(1, *size), stride).shape[1:]
    inner = tuple(slice(0, (side - 2 * of_network) // stride) for side in size)
    for found, wanted in zip((y, x), places_seen(network, whole), strict=True):
        assert (found[inner] - wanted[inner]).abs().max() < 0.1
    for found, side in ((y[:, 0], size[0]), (x[0], size[1])):
        cells = stride * torch.arange(len(found))
        assert (found - (cells + (cells + stride).clamp(max=side)) / 2).abs().max() < (of_network + stride) / 2


@pytest.mark.parametrize("more", AROUND)
def test_confident_labels_stay_on_the_cells_that_they_cover(more):
    labels = torch.zeros(1, 40 + more, 64 + more, dtype=torch.uint8)
    labels[0, 16:32, 40:56] = 3
    small = labels_at_stride(labels, 8)[0]
    wanted = torch.zeros_like(small)
    wanted[2:4, 5:7] = 3
    assert torch.equal(small, wanted)


# tolerances in pixels: half a position of a padded CNN, hardly any of patches
@pytest.mark.parametrize(
    ("name", "stride", "tolerance"),
    [
        ("tiny_cnn", 8, 4),
        ("vit_tiny_patch16_224", 16, 0.5),
        ("vit_small_patch14_reg4_dinov2", 14, 0.5),
        ("vit_small_patch16_dinov3", 16, 0.5),
    ],
)
@pytest.mark.parametrize("more", [-1, 0, 1, 7])
def test_seeds_lie_where_the_dots_are(name, stride, tolerance, more):
    size = 8 * stride + more, 12 * stride + more
    places = corners(size, 2.5 * stride)
    network = ActivationNetwork(backbone_of(name, stride), 1).eval()
    torch.nn.init.ones_(network.head.weight)
    settings = Extract(
        scales=[1.0, 0.75, 1.25], flip=True, seed_map="activation", patch_affinity=False, normalize="max"
    )
    maps = extract_seeds(network, CAM, dots(size, places, stride), torch.ones(4, 1), settings)
    for of_dot, place in zip(maps, places, strict=True):
        seed = Seed(np.array([1]), of_dot.half().numpy(), size)
        assert place_of(torch.from_numpy(seed_at_full_size(seed)[0])) == pytest.approx(place, abs=tolerance)


@pytest.mark.parametrize("more", [-1, 0, 1, 2, 3])
def test_seeds_at_a_quarter_of_the_size_lie_where_the_dots_are(more):
    size = 64 + more, 96 + more
    network = ActivationNetwork(Pixels(), 3).eval()
    network.head.weight.data = torch.eye(3)[:, :, None, None]
    settings = Extract(scales=[1.0], flip=False, seed_map="activation", patch_affinity=False, normalize="max")
    places = corners(size, 12)
    maps = extract_seeds(network, CAM, dots(size, places, 4), torch.ones(4, 3), settings)
    for of_dot, place in zip(maps, places, strict=True):
        seed = Seed(np.array([1, 2, 3]), of_dot.half().numpy(), size)
        assert place_of(torch.from_numpy(seed_at_full_size(seed)[0])) == pytest.approx(place, abs=0.5)


@pytest.mark.parametrize("scale", [0.5, 0.75, 1.0, 1.5])
@pytest.mark.parametrize(
    ("name", "output_stride"),
    [
        ("tiny_cnn", 8),
        ("tiny_cnn", 4),
        ("vit_tiny_patch16_224", 8),
        ("vit_small_patch14_dinov2", 8),
    ],
)
@pytest.mark.parametrize("more", [-1, 0, 1, 7])
def test_scores_of_every_scale_lie_on_their_pixels(name, output_stride, more, scale):
    network = SegmentationNetwork(backbone_of(name, 8), 2, "small", output_stride)
    sampling(network.head)
    size, multiple, stride = (128 + more, 176 + more), network.backbone.multiple, network.backbone.stride / scale

    def resized(images: torch.Tensor) -> torch.Tensor:
        return next(multi_scale(network, images, [scale], False, size, multiple))

    y, x = places_seen(resized, size)
    inner = tuple(slice(round(1.5 * stride), side - round(1.5 * stride)) for side in size)  # beyond, nothing is seen
    tolerance = stride / 2 if name == "tiny_cnn" else 0.5
    assert (y - centres(size[0], size[0])[:, None])[inner].abs().max() < tolerance
    assert (x - centres(size[1], size[1]))[inner].abs().max() < tolerance


@pytest.mark.parametrize("more", AROUND)
def test_predictions_lie_where_the_dots_are(more):
    size = 128 + more, 160 + more
    network = SegmentationNetwork(backbone_of("tiny_cnn", 8), 2, "large_fov", 8)
    sampling(network.head)
    network.head[-1].weight.data[0] = 0  # the background's score is constant
    settings = Predict(scales=[0.75, 1.0], flip=True, merge="max", crf=None)
    places = corners(size, 40)
    scores = predict_probabilities(network.eval(), dots(size, places, 12), settings)[:, 1]
    for of_dot, place in zip(scores, places, strict=True):
        assert place_of(of_dot - of_dot.min()) == pytest.approx(
            place, abs=8 / 0.75 / 2
        )  # half a position of the smaller scale


@pytest.mark.parametrize("resize", ["area", "factor", "long_side"])
@pytest.mark.parametrize("more", AROUND)
def test_accumulated_attention_lies_where_the_dot_is_in_the_photo(resize, more):
    """From a crop to the grid over the whole image, and from there to the crop."""
    side, photo_size, grid = 64 + more, (90, 121), (45, 60)
    ranges = {"area": [0.4, 0.9], "factor": [0.8, 1.2], "long_side": [90, 150]}
    transform = TrainTransform(
        Augmentation(resize=resize, range=ranges[resize], crop_size=side, color="none"), (0, 0, 0), (1, 1, 1)
    )
    place = 40.0, 66.0
    photo = Image.fromarray((255 * dots(photo_size, [place], 5)[0].permute(1, 2, 0)).byte().numpy())
    compared = 0
    for seed in range(20):
        with seeded(seed):
            crop = transform.crop(photo)
        left, top, width, height = crop.window
        across, down = (place[1] / photo_size[1] - left) / width, (place[0] / photo_size[0] - top) / height
        if not (0.2 < across < 0.8 and 0.2 < down < 0.8):
            continue  # dots that are cut have other centres
        compared += 1
        window, flip = torch.tensor([crop.window]), torch.tensor([crop.flip])
        of_crop = adaptive_avg_pool2d(crop.image[None, :1], cell_grid((side, side), 4))
        accumulated = to_image(of_crop, window, flip, grid)
        y, x = place_of(accumulated[0, 0].clamp(min=0))
        pixel = max(height * photo_size[0], width * photo_size[1]) / side  # of the crop, in the photo's
        found = y * photo_size[0] / grid[0], x * photo_size[1] / grid[1]
        assert found == pytest.approx(place, abs=0.5 * pixel)
        back, _ = to_crop(accumulated, window, flip, of_crop.shape[-2:])
        assert place_of(back[0, 0]) == pytest.approx(place_of(of_crop[0, 0]), abs=0.1)
    assert compared >= 3


@pytest.mark.parametrize("more", AROUND)
def test_the_small_view_shows_what_the_teacher_shows_there(more):
    """`gt`: the image, and the same at half the size and flipped; maps that span them agree on where the dot is."""
    size = 128 + more, 192 + more
    for image in dots(size, corners(size, 40), 12):
        teacher = adaptive_avg_pool2d(image[None, :1], cell_grid(size, 8))
        small = avg_pool2d(transformed(image[None], 0.5, 8), 8)[:, :1].flip(-1)
        found = pooled(teacher.log(), small.shape[-2:]).exp()
        assert place_of(found[0, 0]) == pytest.approx(place_of(small[0, 0]), abs=0.25)


@pytest.mark.parametrize("more", AROUND)
def test_pictures_of_features_and_seeds_show_their_places(more):
    size = 64 + more, 96 + more
    photo = np.zeros((*size, 3), np.uint8)
    for row, column in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        features = np.zeros(cell_grid(size, 8))
        features[row, column] = 1
        place = tuple(
            centres(n, side)[i].item() for n, side, i in zip(features.shape, size, (row, column), strict=True)
        )
        blocks = feature_map(features, size).astype(int)
        assert place_of(torch.from_numpy((blocks != blocks[32, 48]).any(-1))) == pytest.approx(place, abs=0.6)
    for of_dot, place in zip(dots(size, corners(size, 20), 5)[:, 0], corners(size, 20), strict=True):
        picture = torch.from_numpy(heat_map(photo, of_dot.numpy())).sum(-1)
        assert place_of(picture - picture.min()) == pytest.approx(place, abs=0.5)
