"""DeepLab-v2's loss over several scales, against a plain computation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn.functional import interpolate

from wsss.config import load_parameters
from wsss.files import VOID
from wsss.segmentation.loss import multi_scale_loss
from wsss.segmentation.task import SegmentationTask

CLASSES = 3


def plain_cross_entropy(logits: np.ndarray, mask: np.ndarray) -> float:
    """Return the mean over pixels that are not void, one by one, of (B, C, h, w) and masks resized by Pillow."""
    terms = []
    for of_image, whole in zip(logits, mask, strict=True):
        size = of_image.shape[:0:-1]
        labels = np.asarray(Image.fromarray(whole.astype(np.uint8)).resize(size, Image.Resampling.NEAREST))
        for y, x in np.ndindex(labels.shape):
            if labels[y, x] != VOID:
                scores = np.exp(of_image[:, y, x])
                terms.append(-np.log(scores[labels[y, x]] / scores.sum()))
    return float(np.mean(terms))


class Scene:
    """A batch, and a network of stride 4 with the logits that it gives for it."""

    def __init__(self):
        torch.manual_seed(0)
        self.network = nn.Conv2d(3, CLASSES, 5, stride=4, padding=2).double()
        self.images = torch.randn(2, 3, 21, 30, dtype=torch.float64)
        self.mask = torch.randint(0, CLASSES, (2, 21, 30))
        self.mask[:, 5:9] = VOID

    def logits(self, scale: float) -> torch.Tensor:
        size = [int(21 * scale), int(30 * scale)]
        return self.network(interpolate(self.images, size, mode="bilinear", align_corners=False))


@pytest.fixture
def scene():
    return Scene()


def test_loss_adds_up_every_scale_and_the_maximum_of_all(scene):
    with torch.no_grad():
        found = multi_scale_loss(scene.logits(1), scene.network, scene.images, scene.mask, [0.5, 0.75])
        outputs = [scene.logits(scale) for scale in (1, 0.5, 0.75)]
        assert [tuple(one.shape[-2:]) for one in outputs] == [(6, 8), (3, 4), (4, 6)]
        same = [interpolate(one, (6, 8), mode="bilinear", align_corners=False).numpy() for one in outputs]
    terms = [one.numpy() for one in outputs] + [np.maximum.reduce(same)]
    expected = sum(plain_cross_entropy(one, scene.mask.numpy()) for one in terms)
    assert found.item() == pytest.approx(expected, rel=1e-6)


def test_every_scale_teaches_the_network(scene):
    gradients = []
    for scales in ([], [0.5], [0.5, 0.75]):
        scene.network.zero_grad()
        multi_scale_loss(scene.logits(1), scene.network, scene.images, scene.mask, scales).backward()
        gradients.append(scene.network.weight.grad.clone())
    assert not torch.allclose(gradients[0], gradients[1]) and not torch.allclose(gradients[1], gradients[2])


def test_a_crop_that_is_all_void_has_no_loss(scene):
    void = torch.full_like(scene.mask, VOID)
    assert multi_scale_loss(scene.logits(1), scene.network, scene.images, void, [0.5]) == 0


def test_the_task_takes_the_loss_that_its_scales_ask_for(scene):
    batch = {"image": scene.images, "mask": scene.mask}
    several = SegmentationTask(scene.network, [0.5, 0.75]).loss(scene.network, batch)["loss"]
    expected = multi_scale_loss(scene.logits(1), scene.network, scene.images, scene.mask, [0.5, 0.75])
    assert several.item() == pytest.approx(expected.item(), rel=1e-4)  # in float32
    enlarged = interpolate(scene.logits(1), (21, 30), mode="bilinear", align_corners=False).detach().numpy()
    one = SegmentationTask(scene.network).loss(scene.network, batch)["loss"]
    assert one.item() == pytest.approx(plain_cross_entropy(enlarged, scene.mask.numpy()), rel=1e-4)


def test_deeplab_v2_is_trained_so_and_deeplab_v1_is_not():
    of_head = {
        head: load_parameters("params.yaml", "voc", f"segmentation.head={head}").segmentation.loss_scales
        for head in ("aspp", "large_fov", "small")
    }
    assert of_head == {"aspp": [0.5, 0.75], "large_fov": None, "small": None}
