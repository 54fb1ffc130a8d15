"""Images for inference: batches of one size, loaded ahead of the network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from wsss.data.augment import normalize
from wsss.data.prepared import PreparedDataset
from wsss.data.worker_errors import with_plain_errors
from wsss.files import read_image
from wsss.parts import WHOLE, Part

PIXELS_PER_BATCH = 512 * 512  # about one photo: small images share a forward, memory stays that of one


class _Images(Dataset):
    def __init__(self, dataset: PreparedDataset, ids: list[str], mean: tuple[float, ...], std: tuple[float, ...]):
        self.dataset, self.ids, self.mean, self.std = dataset, ids, mean, std

    def __getitem__(self, index: int) -> Tensor:
        return normalize(read_image(self.dataset.image_path(self.ids[index])), self.mean, self.std)

    def __len__(self) -> int:
        return len(self.ids)


def inference_batches(
    dataset: PreparedDataset,
    ids: list[str],
    mean: tuple[float, ...],
    std: tuple[float, ...],
    workers: int,
    part: Part = WHOLE,
) -> tuple[list[list[str]], Iterator[tuple[list[str], Tensor]]]:
    """Return the batches' ids, and an iterator of (ids, normalised images (B, 3, H, W)).

    Images of one size share a batch as long as it holds no more pixels than a photo. Of these batches, a `part`.
    """
    sizes = {image_id: dataset.image_size(image_id) for image_id in ids}
    batches: list[list[int]] = []
    order = sorted(range(len(ids)), key=lambda index: (sizes[ids[index]], index))
    for (height, width), group in groupby(order, key=lambda index: sizes[ids[index]]):
        members = list(group)
        count = max(PIXELS_PER_BATCH // (height * width), 1)
        batches += [members[start : start + count] for start in range(0, len(members), count)]
    batches = part.of(batches)
    names = [[ids[index] for index in batch] for batch in batches]
    loader = DataLoader(
        _Images(dataset, ids, mean, std),
        batch_sampler=batches,
        num_workers=workers,
        pin_memory=torch.cuda.is_available(),
    )
    return names, (
        (batch, images.contiguous(memory_format=torch.channels_last))
        for batch, images in zip(names, with_plain_errors(loader), strict=True)
    )
