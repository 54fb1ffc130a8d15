"""The images of a training, and the order in which it sees them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset, Sampler

from wsss.data.augment import TrainTransform, seeded
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import open_photo, read_mask


class TrainingImages(Dataset):
    """Augmented training images with image-level labels, or with masks.

    An item is asked for by (epoch, index), and its augmentation is drawn from (random seed, epoch, index) alone:
    the same whatever the number of workers, and after a resume.

    Args:
        dataset: the prepared data set.
        ids: which images.
        transform: the augmentation.
        random_seed: of the training.
        masks: a folder of mask PNGs; without it, items carry image-level labels.
    """

    def __init__(
        self,
        dataset: PreparedDataset,
        ids: list[str],
        transform: TrainTransform,
        random_seed: int,
        masks: Path | None = None,
    ):
        self.dataset, self.ids, self.transform = dataset, ids, transform
        self.random_seed, self.masks = random_seed, masks
        self.labels = None if masks else torch.from_numpy(np.asarray(dataset.labels(ids), np.float32))

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, item: tuple[int, int]) -> dict[str, torch.Tensor]:
        """Return `image` (3, S, S) with `mask` (S, S); or with `labels` (C,) and where the crop comes from.

        That is `index` (), the image's place in `ids`; `window` (4,) and `flip` (), see `wsss.data.augment.Crop`.
        """
        epoch, index = item
        path = self.dataset.image_path(self.ids[index])
        mask_path = self.masks / f"{self.ids[index]}.png" if self.masks else None
        draw = np.random.SeedSequence((self.random_seed, epoch, index)).generate_state(1, np.uint64)[0]
        try:
            image = open_photo(path)
            mask = Image.fromarray(read_mask(mask_path)) if mask_path else None
            if mask and mask.size != image.size:
                raise InputError(f"{mask_path}: is {mask.size} pixels wide and high, its photo {path} {image.size}")
            with seeded(int(draw) % 2**63):
                crop = self.transform.crop(image, mask)
        except InputError:  # names the file already
            raise
        except Exception as error:
            with_mask = f" with its mask {mask_path}" if mask_path else ""
            error.add_note(f"{path}: failed while it was loaded and augmented{with_mask}, in epoch {epoch + 1}")
            raise
        if crop.mask is not None:
            return {"image": crop.image, "mask": crop.mask}
        assert self.labels is not None  # without masks, there are labels
        place = {"index": torch.tensor(index), "window": torch.tensor(crop.window), "flip": torch.tensor(crop.flip)}
        return {"image": crop.image, "labels": self.labels[index], **place}


class EpochSampler(Sampler):
    """Batches of (epoch, index) for all epochs of a training in one go, so that no worker idles between epochs.

    Each epoch is its own permutation, drawn from (random seed, epoch). The last, incomplete batch of an epoch is
    left out; a data set smaller than a batch gives one batch an epoch.
    """

    def __init__(self, images: int, batch_size: int, first_epoch: int, epochs: int, random_seed: int):
        self.images, self.batch_size, self.drop_last = images, batch_size, False
        self.first_epoch, self.epochs, self.random_seed = first_epoch, epochs, random_seed

    @property
    def batches_per_epoch(self) -> int:
        return max(self.images // self.batch_size, 1)

    def __len__(self) -> int:
        return self.batches_per_epoch * (self.epochs - self.first_epoch)

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        for epoch in range(self.first_epoch, self.epochs):
            order = np.random.default_rng((self.random_seed, epoch)).permutation(self.images)
            for batch in range(self.batches_per_epoch):
                chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size]
                yield [(epoch, int(index)) for index in chosen]
