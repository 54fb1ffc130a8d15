"""Training augmentation: a random window of the photo at a random size, flipped, coloured, normalised."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from timm.data.auto_augment import RandAugment, posterize
from timm.data.transforms_factory import transforms_imagenet_train
from torch import Tensor
from torchvision.transforms import ColorJitter, RandomResizedCrop
from torchvision.transforms import functional as F

from wsss.config.blocks import Augmentation
from wsss.files import VOID


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run a block under its own random state (random, numpy, torch on the CPU), then put the global one back."""
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002 (timm draws from it)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002
    torch.default_generator.manual_seed(seed)  # not torch.manual_seed, which seeds the GPUs, too
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        torch.set_rng_state(states[2])


_MOVES_PIXELS = ("Rotate", "Shear", "Translate")  # how the names of timm's operations that do so begin


def _posterize(image: Image.Image, bits_to_keep: int, **settings: object) -> Image.Image:
    """Keep the highest bits of every colour, and of 0 bits, which Pillow 13 refuses, what is left of it: black.

    At a magnitude of 10, which a draw in 44 reaches (mean 9, standard deviation 0.5), DeiT's recipe keeps 0 bits.
    """
    if bits_to_keep < 1:
        return Image.new(image.mode, image.size)
    return posterize(image, bits_to_keep, **settings)


class Crop(NamedTuple):
    """A training crop, and where it lies in its photo."""

    image: Tensor  # (3, S, S), normalised
    mask: Tensor | None  # (S, S) int64
    window: tuple[float, float, float, float]  # left, top, width, height in shares of the photo's width and height
    flip: bool  # whether the window was flipped, left to right


class TrainTransform:
    """Turns a photo, and a mask with it, into a normalised training crop.

    Args:
        settings: `resize` says how the window is drawn:
            area: RandomResizedCrop, `range` the share of the photo's area;
            long_side: the photo's longer side is brought to a length in `range`, then cropped;
            factor: the photo is scaled by a factor in `range`, then cropped.
            A crop larger than the scaled photo is padded with the mean colour. One that is not scaled begins at a whole
            pixel, so that nothing is interpolated.
        mean, std: of the network's images.
        keep_geometry: leave out of DeiT's recipe the operations that rotate, shear or shift the crop, so that every
            pixel is where `Crop.window` and `Crop.flip` say.
        mask_padding: what masks are padded with.
    """

    def __init__(
        self,
        settings: Augmentation,
        mean: tuple[float, ...],
        std: tuple[float, ...],
        keep_geometry: bool = False,
        mask_padding: int = VOID,
    ):
        self.settings, self.mean, self.std, self.mask_padding = settings, mean, std, mask_padding
        self.size = settings.crop_size
        self.recolor, self.finish = None, None
        if settings.color == "jitter":
            self.recolor = ColorJitter(0.3, 0.3, 0.3, 0.1)
        elif settings.color == "deit":  # timm's recipe for DeiT; its own crop and flip (the first part) are ours
            _, self.recolor, self.finish = transforms_imagenet_train(
                img_size=self.size,
                color_jitter=0.4,
                auto_augment="rand-m9-mstd0.5-inc1",
                re_prob=0.25,
                re_mode="pixel",
                interpolation="bicubic",
                mean=mean,
                std=std,
                separate=True,
            )
            for part in self.recolor.transforms:
                if isinstance(part, RandAugment):
                    part.ops = [op for op in part.ops if not (keep_geometry and op.name.startswith(_MOVES_PIXELS))]
                    for op in part.ops:
                        op.aug_fn = _posterize if op.aug_fn is posterize else op.aug_fn

    def crop(self, image: Image.Image, mask: Image.Image | None = None) -> Crop:
        """Return the crop, drawn from the global random states, with its place in the photo."""
        window = self._window(image)
        width, height = image.size
        shares = (window[0] / width, window[1] / height, window[2] / width, window[3] / height)
        flip = random.random() < 0.5
        colour = tuple(round(255 * m) for m in self.mean)
        image = self._cut(image, window, flip, Image.Resampling.BICUBIC, colour, self.recolor)
        pixels = self.finish(image) if self.finish else F.normalize(F.to_tensor(image), self.mean, self.std)
        if mask is None:
            return Crop(pixels, None, shares, flip)
        mask = self._cut(mask, window, flip, Image.Resampling.NEAREST, self.mask_padding)
        return Crop(pixels, torch.from_numpy(np.array(mask, dtype=np.int64)), shares, flip)

    def _window(self, image: Image.Image) -> tuple[float, float, float, float]:
        """Draw the window (left, top, width, height) in pixels of the photo; it may reach beyond its edges."""
        low, high = self.settings.range
        if self.settings.resize == "area":
            top, left, height, width = RandomResizedCrop.get_params(image, [low, high], [3 / 4, 4 / 3])
            return left, top, width, height
        factor = random.uniform(low, high)
        if self.settings.resize == "long_side":
            factor /= max(image.size)
        side = self.size / factor
        left, top = (self._start(length, side) for length in image.size)
        return left, top, side, side

    def _start(self, length: int, side: float) -> float:
        """Draw where a window of `side` begins in a `length`: at a whole pixel if the photo is not scaled."""
        low, high = sorted((0.0, length - side))
        if side == self.size:
            return low + int(random.random() * (high - low + 1))
        return random.uniform(low, high)

    def _cut(
        self,
        image: Image.Image,
        window: tuple[float, ...],
        flip: bool,
        resample: Image.Resampling,
        fill: int | tuple,
        recolor: Callable[[Image.Image], Image.Image] | None = None,
    ) -> Image.Image:
        """Return the window, (S, S), flipped; what of it is in the photo is recoloured, the rest is `fill`."""
        left, top, width, height = window
        box = (left, top, left + width, top + height)
        inside = (max(box[0], 0), max(box[1], 0), min(box[2], image.width), min(box[3], image.height))
        x0, y0 = (round((inside[0] - left) * self.size / width), round((inside[1] - top) * self.size / height))
        x0, y0 = min(x0, self.size - 1), min(y0, self.size - 1)  # a line of pixels at the far edge stays in the crop
        x1, y1 = (round((inside[2] - left) * self.size / width), round((inside[3] - top) * self.size / height))
        part = image.resize((max(x1 - x0, 1), max(y1 - y0, 1)), resample, box=inside)
        if flip:
            part, x0 = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT), self.size - x0 - part.width
        if recolor is not None:
            part = recolor(part)
        if part.size == (self.size, self.size):
            return part
        canvas = Image.new(image.mode, (self.size, self.size), fill)
        canvas.paste(part, (x0, y0))
        return canvas


def normalize(image: np.ndarray, mean: tuple[float, ...], std: tuple[float, ...]) -> Tensor:
    """Return an (H, W, 3) uint8 photo as a normalised (3, H, W) float tensor."""
    return F.normalize(F.to_tensor(image), mean, std)
