"""Training crops: what is drawn, from what, and that photo and mask stay together."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import ToTensor

from wsss.config.blocks import Augmentation
from wsss.data.augment import TrainTransform, normalize, seeded
from wsss.files import VOID

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
RANGES = {"area": [0.3, 1.0], "long_side": [24, 120], "factor": [0.4, 2.0]}


def transform(resize: str = "area", color: str = "none", size: int = 48, low_high=None) -> TrainTransform:
    settings = Augmentation(resize=resize, range=low_high or RANGES[resize], crop_size=size, color=color)
    return TrainTransform(settings, MEAN, STD)


def photo(width: int = 80, height: int = 60) -> Image.Image:
    """Return noise without structure."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def draw(chosen: TrainTransform, seed: int, *images):
    with seeded(seed):
        return chosen.crop(*images)[:2]


def states() -> tuple:
    return random.getstate()[1], tuple(np.random.get_state()[1]), tuple(torch.get_rng_state().tolist())  # noqa: NPY002


@pytest.mark.parametrize("color", ["jitter", "deit"])
def test_padding_keeps_the_mean_colour_whatever_recolours_the_photo(color):
    chosen, padded = transform("factor", color, low_high=[0.5, 0.5]), 0
    chosen.finish = None if color == "jitter" else ToTensor()  # deit's random erasing covers padding, too
    for seed in range(20):
        image, mask = draw(chosen, seed, Image.new("RGB", (60, 60), (250, 20, 20)), Image.new("L", (60, 60), 1))
        outside = image[:, mask == VOID]
        padded += outside.shape[1]
        mean = torch.tensor([round(255 * m) / 255 for m in MEAN])[:, None]
        if color == "jitter":
            mean = (mean - torch.tensor(MEAN)[:, None]) / torch.tensor(STD)[:, None]
        assert torch.allclose(outside, mean.expand_as(outside), atol=1e-6)
    assert padded


def test_seeded_leaves_the_global_states_as_they_were():
    before = states()
    with seeded(3):
        random.random(), np.random.rand(), torch.rand(1)  # noqa: B018, NPY002
    assert states() == before


def test_seeded_leaves_them_so_after_an_error_too():
    before = states()
    with pytest.raises(KeyError), seeded(3):
        raise KeyError
    assert states() == before


def test_seeded_draws_the_same_whatever_was_drawn_before():
    draws = []
    for _ in range(2):
        with seeded(2**40 + 3):
            draws.append((random.random(), np.random.rand(), torch.rand(1).item()))  # noqa: NPY002
        torch.rand(5)
    assert draws[0] == draws[1]


@pytest.mark.parametrize("color", ["none", "jitter", "deit"])
@pytest.mark.parametrize("resize", list(RANGES))
def test_crop_has_the_asked_size_and_follows_the_seed(resize, color):
    chosen = transform(resize, color)
    one, mask = draw(chosen, 1, photo())
    assert one.shape == (3, 48, 48) and one.dtype == torch.float32 and one.isfinite().all() and mask is None
    assert torch.equal(one, draw(chosen, 1, photo())[0])
    assert not torch.equal(one, draw(chosen, 2, photo())[0])


@pytest.mark.parametrize("resize", list(RANGES))
def test_window_and_flip_say_where_every_pixel_comes_from(resize):
    """A photo whose red is its column and green its row; blue is 200 inside, so that padding (mean colour) is known."""
    columns, rows = np.meshgrid(np.arange(200), np.arange(150))
    image = Image.fromarray(np.stack([columns, rows, np.full_like(rows, 200)], -1).astype(np.uint8))
    for seed in range(8):
        with seeded(seed):
            crop = transform(resize, low_high={"factor": [0.3, 0.6], "long_side": [60, 120]}.get(resize)).crop(image)
        pixels = 255 * (crop.image * torch.tensor(STD)[:, None, None] + torch.tensor(MEAN)[:, None, None])
        across = (torch.arange(48) + 0.5) / 48
        left, top, width, height = crop.window
        x = 200 * (left + (1 - across if crop.flip else across) * width) - 0.5
        y = 150 * (top + across * height) - 0.5
        x, y = torch.meshgrid(x, y, indexing="xy")
        inside = (x > 6) & (x < 193) & (y > 6) & (y < 143)
        assert inside.any()
        step = max(200 * width, 150 * height) / 48  # photo pixels per crop pixel; the rounding is to one of those
        assert (pixels[0] - x)[inside].abs().max() < 1 + step / 2
        assert (pixels[1] - y)[inside].abs().max() < 1 + step / 2


def test_deits_recipe_can_keep_every_pixel_in_its_place():
    names = {}
    for keep in (False, True):
        settings = Augmentation(resize="area", range=[0.3, 1.0], crop_size=48, color="deit")
        chosen = TrainTransform(settings, MEAN, STD, keep_geometry=keep)
        names[keep] = {op.name for part in chosen.recolor.transforms for op in getattr(part, "ops", [])}
    assert names[False] - names[True] == {"Rotate", "ShearX", "ShearY", "TranslateXRel", "TranslateYRel"}
    assert "PosterizeIncreasing" in names[True]


@pytest.mark.parametrize("resize", list(RANGES))
def test_photo_and_mask_stay_aligned(resize):
    """The mask is drawn in the photo's red channel; wherever they end up, they end up together."""
    mask = np.zeros((60, 80), np.uint8)
    mask[10:50, 20:35], mask[30:58, 50:75] = 1, 1
    image = np.stack([mask * 255, np.zeros_like(mask), np.zeros_like(mask)], -1)
    chosen, seen, padded = transform(resize, size=64), 0, 0
    for seed in range(40):
        pixels, crop = draw(chosen, seed, Image.fromarray(image), Image.fromarray(mask))
        red = pixels[0] * STD[0] + MEAN[0]
        inside = crop != VOID
        assert set(crop.unique().tolist()) <= {0, 1, VOID} and crop.dtype == torch.int64
        assert ((red > 0.5).long() == crop)[inside].float().mean() > 0.95  # but for the edges of interpolation
        assert pixels.abs().amax(0)[~inside].numel() == 0 or pixels.abs().amax(0)[~inside].max() < 0.02
        seen += int((crop == 1).any())
        padded += int((~inside).any())
    assert seen > 30
    assert padded > 5 if resize != "area" else padded == 0


def test_flips_happen_in_half_of_the_crops():
    image = np.zeros((48, 48, 3), np.uint8)
    image[:, 24:] = 255
    chosen = transform("factor", low_high=[1.0, 1.0])
    flipped = sum(bool(draw(chosen, seed, Image.fromarray(image))[0][0, 24, 0] > 0) for seed in range(200))
    assert 70 < flipped < 130


def test_whole_photo_at_its_own_size_is_left_alone():
    chosen, image = transform("factor", low_high=[1.0, 1.0]), photo(48, 48)
    exact = normalize(np.array(image), MEAN, STD)
    pixels, _ = draw(chosen, 0, image)
    assert torch.equal(pixels, exact) or torch.equal(pixels, exact.flip(-1))


def windows(resize: str, count: int = 200) -> np.ndarray:
    with seeded(0):
        return np.array([transform(resize)._window(photo()) for _ in range(count)])


def test_area_is_drawn_from_its_range():
    _, _, width, height = windows("area").T
    share = width * height / (80 * 60)
    assert 0.28 < share.min() < 0.4 and 0.85 < share.max() <= 1


def test_long_side_is_drawn_from_its_range():
    _, _, width, height = windows("long_side").T
    long_side = 80 * 48 / width  # the photo's longer side after a window of `width` has become 48
    assert np.array_equal(width, height)
    assert 24 <= long_side.min() < 30 and 114 < long_side.max() <= 120


def test_factor_is_drawn_from_its_range():
    factor = 48 / windows("factor")[:, 2]
    assert 0.4 <= factor.min() < 0.45 and 1.9 < factor.max() <= 2.0


@pytest.mark.parametrize("resize", ["long_side", "factor"])
def test_window_lies_in_the_photo_or_the_photo_in_the_window(resize):
    left, top, width, height = windows(resize).T
    for start, length, side in ((left, width, 80), (top, height, 60)):
        within = (start >= -1e-9) & (start + length <= side + 1e-9)
        around = (start <= 1e-9) & (start + length >= side - 1e-9)
        assert (within | around).all()


@pytest.mark.parametrize(("size", "crop"), [((80, 60), 48), ((60, 80), 48), ((40, 80), 64)])
def test_a_crop_that_is_not_scaled_holds_the_photos_own_pixels(size, crop):
    image, chosen = photo(*size), transform("factor", size=crop, low_high=[1.0, 1.0])
    mask = Image.fromarray(np.random.default_rng(1).integers(0, 3, size[::-1], dtype=np.uint8))
    corners = set()
    for seed in range(20):
        with seeded(seed):
            pixels, labels, (left, top, *_), flip = chosen.crop(image, mask)
        x, y = round(left * size[0]), round(top * size[1])
        box = (x, y, x + crop, y + crop)
        assert (left * size[0], top * size[1]) == pytest.approx((x, y), abs=1e-9)
        inside = max(x, 0), max(y, 0), min(box[2], size[0]), min(box[3], size[1])
        at = np.s_[inside[1] - y : inside[3] - y, inside[0] - x : inside[2] - x]
        pixels, labels = (one.flip(-1) if flip else one for one in (pixels, labels))
        assert torch.equal(pixels[(slice(None), *at)], normalize(np.array(image.crop(inside)), MEAN, STD))
        assert np.array_equal(labels[at], np.array(mask.crop(inside)))
        corners.add((x, y))
    assert len(corners) > 5


def test_masks_are_padded_with_what_they_are_asked_to_be():
    settings = Augmentation(resize="factor", range=[1.0, 1.0], crop_size=48, color="none")
    chosen = TrainTransform(settings, MEAN, STD, mask_padding=0)
    mask = draw(chosen, 0, photo(20, 10), Image.new("L", (20, 10), 1))[1]
    assert (mask == 1).sum() == 200 and (mask == 0).sum() == 48 * 48 - 200


def test_photo_smaller_than_the_crop_is_padded_with_the_mean_and_void():
    chosen = transform("factor", low_high=[1.0, 1.0])
    white, ones = Image.new("RGB", (20, 10), (255,) * 3), Image.new("L", (20, 10), 1)
    pixels, mask = draw(chosen, 0, white, ones)
    assert (mask == 1).sum() == 200 and (mask == VOID).sum() == 48 * 48 - 200
    assert pixels[:, mask == VOID].abs().max() < 0.02  # half a grey level, normalised
    assert (pixels[:, mask == 1] > 2).all()


def deit_operation(name: str, magnitude: float):
    """Return an operation of DeiT's recipe as it is applied, always and at this magnitude."""
    parts = transform(color="deit").recolor.transforms
    (operation,) = (op for part in parts for op in getattr(part, "ops", []) if op.name == name)
    operation.prob, operation.magnitude, operation.magnitude_std = 1.0, magnitude, 0.0
    return operation


def test_posterize_of_deits_recipe_makes_0_bits_black():
    assert not np.array(deit_operation("PosterizeIncreasing", 10)(photo())).any()
    one_bit = np.array(deit_operation("PosterizeIncreasing", 9)(photo()))
    assert np.array_equal(one_bit, np.array(photo()) & 0b10000000)


DEIT_OPERATIONS = [
    op.name for part in transform(color="deit").recolor.transforms for op in getattr(part, "ops", [])
]  # fmt: skip


@pytest.mark.parametrize("name", DEIT_OPERATIONS)
def test_operations_of_deits_recipe_take_every_magnitude_and_the_smallest_parts(name):
    random_pixels = np.random.default_rng(0)
    parts = [random_pixels.integers(0, 256, (*size, 3), np.uint8) for size in ((1, 1), (1, 40), (40, 1), (2, 2))]
    parts += [np.full((3, 3, 3), grey, np.uint8) for grey in (0, 77, 255)]
    for magnitude in (0, 0.01, 5, 9, 9.99, 10, 12):  # timm limits what it draws to 0 to 10
        operation = deit_operation(name, magnitude)
        for part in parts:
            with seeded(0):
                changed = operation(Image.fromarray(part))
            assert changed.mode == "RGB" and changed.size == part.shape[1::-1]


def test_deit_recipe_erases_and_recolours():
    chosen, image = transform("factor", "deit", low_high=[1.0, 1.0]), Image.new("RGB", (48, 48), (200, 30, 90))
    plain = draw(transform("factor", low_high=[1.0, 1.0]), 0, image)[0][:, 0, 0]
    crops = [draw(chosen, seed, image)[0] for seed in range(40)]
    assert sum(crop.flatten(1).std(1).max() > 0.5 for crop in crops) >= 4  # random erasing: noise, in a quarter
    assert sum(not torch.allclose(crop[:, 0, 0], plain, atol=0.05) for crop in crops) > 20


@pytest.mark.parametrize("size", [(1, 60), (60, 1), (1, 2000)])
def test_photo_of_one_line_of_pixels_is_in_every_crop(size):
    """The line may lie at the far edge, where its place rounds to one pixel past the crop."""
    chosen, white, ones = (
        transform("long_side", low_high=[16, 48]),
        Image.new("RGB", size, (255,) * 3),
        Image.new("L", size, 1),
    )
    for seed in range(600):
        pixels, mask = draw(chosen, seed, white, ones)
        assert (mask == 1).any() and (pixels[:, mask == 1] > 2).all()


def test_normalised_photo_has_mean_zero_where_it_is_the_mean():
    grey = np.tile(np.array([124, 116, 104], np.uint8), (2, 3, 1))
    assert normalize(grey, MEAN, STD).shape == (3, 2, 3)
    assert normalize(grey, MEAN, STD).abs().max() < 0.02
