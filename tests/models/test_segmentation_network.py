"""The segmentation network: heads, levels, loss, multi-scale inference, and where it starts from."""

from __future__ import annotations

import math

import pytest
import torch
from small import params
from torch import nn
from torch.nn.functional import conv2d

from wsss.config.blocks import Predict
from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.heads.aspp import Aspp
from wsss.models.heads.large_fov import large_fov
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.models.weights import write_weights
from wsss.segmentation.inference import predict_probabilities
from wsss.segmentation.task import SegmentationTask

VOID = 255


def test_aspp_adds_four_dilated_classifiers():
    head = Aspp(3, 2)
    features = torch.randn(1, 3, 30, 30, generator=torch.Generator().manual_seed(0))
    by_hand = sum(
        conv2d(features, branch.weight, branch.bias, padding=rate, dilation=rate)
        for branch, rate in zip(head.branches, (6, 12, 18, 24), strict=True)
    )
    assert torch.allclose(head(features), by_hand, atol=1e-6)


def test_large_field_of_view_reaches_24_positions_and_no_further():
    head = large_fov(1, 2)
    features = torch.zeros(1, 1, 61, 61)
    base = head(features)
    features[0, 0, 30, 30] = 1000.0
    changed = (head(features) != base).any(1)[0].nonzero()
    assert changed.min(0).values.tolist() == [6, 6] and changed.max(0).values.tolist() == [54, 54]  # 30 ± 2 · 12


@pytest.mark.parametrize(("output_stride", "size"), [(4, (9, 12)), (8, (5, 6))])
def test_a_finer_stride_than_the_backbones_joins_its_levels(output_stride, size):
    network = SegmentationNetwork(create_backbone("tiny_cnn", None), 4, "small", output_stride).eval()
    assert network(torch.zeros(1, 3, 36, 48)).shape == (1, 4, *size)


class Logits(nn.Module):
    """A network whose logits are the first two channels of the image; its background is certain where red is bright."""

    class backbone:  # noqa: N801
        kind, stride = "cnn", 1

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images[:, :2]


def test_loss_is_the_mean_cross_entropy_over_pixels_that_are_not_void():
    image, mask = torch.zeros(1, 3, 1, 3), torch.tensor([[[0, 1, VOID]]])
    image[0, 0, 0] = torch.tensor([math.log(3), 0.0, 50.0])  # p(0) = 3/4, 1/2; the last one is void
    loss = SegmentationTask(Logits()).loss(Logits(), {"image": image, "mask": mask})["loss"]
    assert loss.item() == pytest.approx((math.log(4 / 3) + math.log(2)) / 2, rel=1e-5)


def test_a_crop_that_is_all_void_has_no_loss_and_no_gradient():
    image = torch.randn(1, 3, 2, 2).requires_grad_()
    loss = SegmentationTask(Logits()).loss(Logits(), {"image": image, "mask": torch.full((1, 2, 2), VOID)})["loss"]
    loss.backward()
    assert loss == 0 and not image.grad.any()


@pytest.mark.parametrize(("merge", "of_first"), [("max", 0.8), ("mean", 0.5)])
def test_views_are_merged_by_maximum_or_mean_and_normalised(merge, of_first):
    # the flip sees the pixels the other way round: its softmax at the first pixel is that of the second
    image = torch.zeros(1, 3, 1, 2)
    image[0, 0, 0] = torch.tensor([math.log(4), -math.log(4)])  # p(0) = 0.8 and 0.2

    class Position(Logits):
        def forward(self, images):  # not equivariant: the first column is certain, whatever is in it
            return image[:, :2].expand(len(images), -1, -1, -1)

    settings = Predict(scales=[1.0], flip=True, merge=merge, crf=None)
    scores = predict_probabilities(Position(), image, settings)
    assert torch.allclose(scores.sum(1), torch.ones(1, 1, 2))
    wanted = of_first / 1.6 if merge == "max" else of_first  # the maxima 0.8 and 0.8 add up to 1.6
    assert scores[0, 0, 0, 0].item() == pytest.approx(wanted, abs=1e-5)


def test_it_starts_from_the_seed_networks_backbone(tmp_path):
    seed_backbone = create_backbone("tiny_cnn", None)
    path = tmp_path / "network.safetensors"
    state = {f"backbone.{name}": value for name, value in seed_backbone.state_dict().items()}
    write_weights(path, state | {"head.weight": torch.zeros(6, 128, 1, 1)}, {})
    started = create_backbone("tiny_cnn", path)
    for name, value in seed_backbone.state_dict().items():
        assert torch.equal(started.state_dict()[name], value)


def test_a_start_from_a_seed_network_of_another_architecture_is_refused():
    with pytest.raises(InputError, match="segmentation.weights: seed_network is a 'tiny_transformer'"):
        resolve(params(), "toy", {"segmentation.weights": "seed_network"})
    assert resolve(params(), "toy", {"segmentation.weights": "seed_network", "seed.backbone": "tiny_cnn"})


@pytest.mark.parametrize(("head", "epochs", "merge"), [("large_fov", 30, "max"), ("aspp", 19, "mean")])
def test_published_settings_follow_the_head(head, epochs, merge):
    from wsss.config import load_parameters

    parameters = load_parameters("params.yaml", "voc", f"segmentation.head={head}")
    assert (parameters.segmentation.epochs, parameters.predict.merge) == (epochs, merge)
