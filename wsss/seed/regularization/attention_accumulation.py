"""Regularisation `oaa`: what a class has been seen to cover in earlier views (Jiang et al., OAA, ICCV 2019)."""

from __future__ import annotations

import torch
from accelerate.utils import gather
from torch import Tensor
from torch.nn.functional import grid_sample

from wsss.config.blocks import Seed
from wsss.models.seed_network import SeedNetwork
from wsss.seed.regularization.agreement import agreement
from wsss.seed.regularization.base import Regularization

UNSEEN = -1.0  # in place of a probability


class AttentionAccumulation(Regularization):
    """The teacher view is the running maximum of alpha over all earlier crops of the image.

    Each training image has one map per positive class, on a grid of `oaa_resolution` squared over the whole image, in
    float16: at 32, two KB a class, 31 MB for VOC's 10,582 images and half a GB for COCO. A crop is compared with
    what the earlier ones have accumulated, and then accumulated itself. As in OAA the teacher speaks of positive
    classes alone: it has no channel for the background, which nothing accumulates. So it has no distribution over
    channels either, and eq. 9 is read as printed whatever `agreement` says: made to add up to 1, an only class would be
    certain everywhere.
    """

    locates_crops = True

    def __init__(self, network: SeedNetwork, settings: Seed):
        super().__init__(network, settings)
        self.maps: dict[int, Tensor] = {}  # index of the image: (positive classes, G, G) float16, on the CPU
        self._crops: tuple[Tensor, ...] | None = None

    def loss(self, network: SeedNetwork, batch: dict[str, Tensor], student_log_alpha: Tensor) -> Tensor:
        alpha = student_log_alpha.detach().exp()[:, :-1]
        labels = batch["labels"] > 0
        self._crops = batch["index"], batch["window"], batch["flip"], labels, alpha
        accumulated = self._accumulated(batch["index"], labels).to(alpha.device)
        height, width = alpha.shape[-2:]
        teacher, seen = to_crop(accumulated, batch["window"], batch["flip"], (height, width))
        teacher = torch.where(labels[:, :, None, None] & seen[:, None], teacher, 0.0)
        teacher = torch.cat([teacher, torch.zeros_like(teacher[:, :1])], 1)
        return agreement(teacher.log(), student_log_alpha, self.settings.tau2, "printed", seen)

    def after_step(self, network: SeedNetwork, scores: Tensor, labels: Tensor) -> None:
        # every process needs what the others have seen: an image goes to another one in the next epoch
        index, window, flip, labels, alpha = gather(self._crops)
        size = self.settings.oaa_resolution
        views = to_image(alpha, window, flip, (size, size)).half().cpu()
        for image, positive, view in zip(index.tolist(), labels.cpu(), views, strict=True):
            now = view[positive]
            self.maps[image] = torch.maximum(self.maps[image], now) if image in self.maps else now

    def _accumulated(self, index: Tensor, labels: Tensor) -> Tensor:
        """Return the maps of these images (B, C, G, G) float32; UNSEEN where nothing was, also for absent classes."""
        size = self.settings.oaa_resolution
        maps = torch.full((*labels.shape, size, size), UNSEEN)
        for row, (image, positive) in enumerate(zip(index.tolist(), labels.cpu(), strict=True)):
            if image in self.maps:
                maps[row, positive] = self.maps[image].float()
        return maps

    def state_dict(self) -> dict:
        empty = torch.zeros(0, self.settings.oaa_resolution, self.settings.oaa_resolution, dtype=torch.float16)
        return {
            "images": torch.tensor(list(self.maps), dtype=torch.int64),
            "classes": torch.tensor([len(maps) for maps in self.maps.values()], dtype=torch.int64),
            "maps": torch.cat([empty, *self.maps.values()]),
        }

    def load_state_dict(self, state: dict) -> None:
        of_images = state["maps"].split(state["classes"].tolist())
        self.maps = {image: maps.clone() for image, maps in zip(state["images"].tolist(), of_images, strict=True)}


def to_crop(maps: Tensor, window: Tensor, flip: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Bring maps of whole images to crops of them.

    Args:
        maps: (B, C, G, G) over the whole images; UNSEEN where there is no value.
        window: (B, 4) left, top, width, height of the crop, in shares of the image's width and height.
        flip: (B,) bool, whether the crop was then flipped.
        size: (h, w) of the crop's maps.

    Returns:
        (B, C, h, w), interpolated bilinearly, and (B, h, w) bool: whether all that a position takes from has been
        seen for some class. 0 elsewhere.
    """
    across, down = _centres(size, maps)
    across = torch.where(flip[:, None], 1 - across, across)
    x, y = window[:, 0:1] + across * window[:, 2:3], window[:, 1:2] + down * window[:, 3:4]
    known = (maps > UNSEEN).any(1, keepdim=True)
    values = _sample(torch.cat([maps.clamp(min=0), known.to(maps.dtype)], 1), x, y)
    inside = ((y >= 0) & (y <= 1))[:, :, None] & ((x >= 0) & (x <= 1))[:, None, :]
    seen = (values[:, -1] > 1 - 1e-4) & inside
    return values[:, :-1] * seen[:, None], seen


def to_image(maps: Tensor, window: Tensor, flip: Tensor, size: tuple[int, int]) -> Tensor:
    """Bring maps (B, C, h, w) of crops to whole images (B, C, *size), UNSEEN outside the crop; see `to_crop`."""
    x, y = _centres(size, maps)
    across, down = (x - window[:, 0:1]) / window[:, 2:3], (y - window[:, 1:2]) / window[:, 3:4]
    across = torch.where(flip[:, None], 1 - across, across)
    inside = ((down >= 0) & (down <= 1))[:, :, None] & ((across >= 0) & (across <= 1))[:, None, :]
    return torch.where(inside[:, None], _sample(maps, across, down), UNSEEN)


def _centres(size: tuple[int, int], like: Tensor) -> tuple[Tensor, Tensor]:
    """Return the centres of a map's columns (1, w) and rows (1, h), in shares of its width and height."""
    rows, columns = size
    x = (torch.arange(columns, device=like.device, dtype=torch.float32) + 0.5) / columns
    y = (torch.arange(rows, device=like.device, dtype=torch.float32) + 0.5) / rows
    return x[None], y[None]


def _sample(maps: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Return maps (B, C, H, W) at the columns x (B, w) and rows y (B, h), both in shares: (B, C, h, w)."""
    x, y = x.expand(len(maps), -1), y.expand(len(maps), -1)
    grid = torch.stack(torch.broadcast_tensors(x[:, None, :], y[:, :, None]), -1)
    return grid_sample(maps, 2 * grid - 1, mode="bilinear", padding_mode="border", align_corners=False)
