"""The loss of a segmentation network, and how the views of an image are merged."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from wsss.config.blocks import Predict
from wsss.segmentation.inference import predict_probabilities
from wsss.segmentation.task import SegmentationTask

VOID = 255


class Logits(nn.Module):
    """A network whose logits are the first two channels of the image; its background is certain where red is bright."""

    class backbone:  # noqa: N801
        kind, stride, multiple = "cnn", 1, 1

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
