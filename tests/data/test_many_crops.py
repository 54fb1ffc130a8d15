"""Tens of thousands of crops of every recipe, from photos of all shapes: what a training draws in its first epochs.

An operation that fails in one crop of 600 stops every training, and the dozen crops of a quick test do not find it.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from wsss.config import load_parameters
from wsss.config.blocks import Augmentation
from wsss.data.augment import TrainTransform, seeded

pytestmark = pytest.mark.slow

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BLACK, WHITE = ((torch.tensor([v] * 3) - torch.tensor(MEAN)) / torch.tensor(STD) for v in (0.0, 1.0))
RANGES = {"area": [0.08, 1.0], "long_side": [18, 46], "factor": [0.5, 1.5]}  # params.yaml's, the pixels for crops of 32
DRAWS = 20_000


def photos() -> list[Image.Image]:
    """Return photos of one pixel, of one line, tiny, long, larger than a crop, grey, and of one colour."""
    random = np.random.default_rng(0)
    found = []
    for height, width in ((1, 1), (1, 40), (40, 1), (2, 3), (20, 24), (12, 160), (90, 120)):
        coarse = random.integers(0, 256, (height // 8 + 1, width // 8 + 1, 3), np.uint8)
        found.append(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
    grey = found[-1].convert("L").convert("RGB")
    return [*found, grey, *(Image.new("RGB", (50, 40), colour) for colour in ("black", "white", (200, 30, 90)))]


def check_crops(settings: Augmentation, draws: int) -> None:
    """Draw crops of all photos in turn; each must be finite, of its size, and of colours that pixels can have."""
    chosen, shown, size = TrainTransform(settings, MEAN, STD), photos(), settings.crop_size
    noise = 6.0 if settings.color == "deit" else 0.0  # random erasing fills in normal noise, which goes beyond white
    low, high = BLACK[:, None, None] - 1e-5 - noise, WHITE[:, None, None] + 1e-5 + noise
    for number in range(draws):
        image = shown[number % len(shown)]
        try:
            with seeded(number):
                crop = chosen.crop(image)
        except Exception as error:
            error.add_note(f"crop {number} of {settings}, of a photo of {image.size}")
            raise
        assert crop.image.shape == (3, size, size) and crop.image.dtype == torch.float32, number
        assert crop.image.isfinite().all() and ((low <= crop.image) & (crop.image <= high)).all(), number


@pytest.mark.full
@pytest.mark.parametrize("resize", list(RANGES))
@pytest.mark.parametrize("color", ["deit", "jitter", "none"])
def test_small_crops_of_every_recipe(color, resize):
    check_crops(Augmentation(resize=resize, range=RANGES[resize], crop_size=32, color=color), DRAWS)


AUGMENTED = {
    "transformer": ("seed", "main"),
    "cnn": ("seed", "backbone=resnet38"),
    "affinity": ("affinity", "main"),
    "large_fov": ("segmentation", "segmentation.head=large_fov"),
    "aspp": ("segmentation", "segmentation.head=aspp"),
}  # the blocks that the data sets of the paper are augmented by, with a variant


@pytest.mark.parametrize("name", list(AUGMENTED))
def test_crops_at_the_sizes_of_params_yaml(name):
    block, variant = AUGMENTED[name]
    check_crops(getattr(load_parameters("params.yaml", "voc", variant), block).augmentation, 500)
