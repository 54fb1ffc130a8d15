"""A seed network from its model folder, as a function of photos and their labels.

seeder = load_seeder("results/mini/main/seed_model")
seed = seeder("photo.jpg", ["star", "cross"])
maps = seed_at_full_size(seed)  # (2, H, W); wsss.seed.seed_file
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from wsss.config.blocks import Seed as SeedSettings
from wsss.config.choices import MAPPINGS
from wsss.data.augment import normalize
from wsss.device import inference_precision
from wsss.errors import InputError, did_you_mean
from wsss.exported.model_folder import SeedModel, open_seed_model
from wsss.exported.photos import PhotoLike, fit, upright
from wsss.models.trained import open_trained
from wsss.seed.create_network import create_seed_network
from wsss.seed.extraction import extract_seeds
from wsss.seed.seed_file import Seed, seed_of


class Seeder:
    """A trained seed network, on the GPU if there is one; `load_seeder` opens it.

    classes: names of the C foreground classes.
    model: all that model.json says.
    """

    def __init__(self, model: SeedModel, folder: Path):
        self.model, self.classes = model, tuple(model.classes)
        # what belongs to training alone is off
        settings = SeedSettings.model_construct(**model.network.model_dump(), head_dropout=0.0, drop_path=None)
        self.network = create_seed_network(settings, len(self.classes))
        self.mapping = MAPPINGS[settings.mapping].load()(settings)
        self.device = open_trained(self.network, folder)

    def __call__(self, photo: PhotoLike, labels: Iterable[str | int], longest_side: int | None = None) -> Seed:
        """Return the seed of a photo of any size, as stages/extract_seed.py would by the settings of the model.

        `wsss.seed.seed_file` writes it, and brings its maps to the size of the photo.

        Args:
            photo: a path, a PIL image, or (H, W, 3) uint8 RGB; a file or PIL image is turned as EXIF says.
            labels: the classes that the photo holds, names or numbers from 1.
            longest_side: a larger photo is made smaller for the network. The longest of the data set by default
                (`model.images.longest_side`); 0: as it is.

        Raises:
            InputError: a class that the network does not know, a file that is missing or does not decode.
            ValueError: an array of another shape or type.
        """
        present = torch.zeros(len(self.classes))
        present[[self._index(label) for label in labels]] = 1
        image, images = upright(photo), self.model.images
        seen = fit(image, images.longest_side if longest_side is None else longest_side)
        batch = normalize(seen, tuple(images.mean), tuple(images.std))[None].to(self.device)
        with inference_precision(self.device, self.network):
            batch = batch.contiguous(memory_format=torch.channels_last)
            labelled = present[None].to(self.device)
            maps = extract_seeds(self.network, self.mapping, batch, labelled, self.model.inference)[0].cpu()
        return seed_of(present, maps, (image.height, image.width))

    def _index(self, label: str | int) -> int:
        if isinstance(label, str) and label in self.classes:
            return self.classes.index(label)
        if isinstance(label, int | np.integer) and 1 <= label <= len(self.classes):
            return label - 1
        raise InputError(f"{label!r} is no class of this network{did_you_mean(str(label), self.classes)}")


def load_seeder(folder: str | os.PathLike) -> Seeder:
    """Open the model folder of a seed network, `results/{dataset}/{variant}/seed_model` or wherever it was put.

    Raises:
        InputError: a folder that is none, of a segmentation network, of another version, or with other weights.
    """
    return Seeder(open_seed_model(Path(folder)), Path(folder))
