"""Photo-sized scenes with seeds for the measurements: drawn, so that nothing has to be there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import interpolate

from wsss.data.layouts.mini import prepare_mini
from wsss.data.prepared import PreparedDataset
from wsss.seed.seed_file import write_seed

SIDE = 448  # pixels; about as many as a photo of VOC has
TRAIN = 47


def photos(folder: Path, count: int = TRAIN, side: int = SIDE) -> PreparedDataset:
    """Return `count` drawn scenes of side×side in `folder`, JPEG as photos are, drawn when first asked for."""
    root = folder / f"photos{count}x{side}"
    if not root.exists():
        root.mkdir()
        prepare_mini(root, 0, {"train": count, "val": 0, "test": 0}, side, threads=2)
        for drawn in sorted((root / "images").iterdir()):
            Image.open(drawn).save(drawn.with_suffix(".jpg"), quality=90)
            drawn.unlink()
    return PreparedDataset(root)


def full_size_maps(dataset: PreparedDataset, image_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Return seeds as a network makes them: the present classes (K,) and maps (K, H, W) float32, smooth and unsure."""
    mask = dataset.mask(image_id)
    classes = np.flatnonzero(dataset.labels([image_id])[0]) + 1
    random = torch.Generator().manual_seed(int(image_id.split("_")[1]))
    truth = torch.from_numpy(np.stack([mask == number for number in classes]).astype(np.float32))[None]
    noise = torch.rand(1, len(classes), 14, 14, generator=random)
    coarse = 0.6 * interpolate(truth, (28, 28), mode="area") + 0.4 * interpolate(noise, (28, 28), mode="bilinear")
    maps = interpolate(coarse, mask.shape, mode="bilinear")[0]
    return classes, (maps / maps.amax((1, 2), keepdim=True)).numpy()


def write_seeds(dataset: PreparedDataset, folder: Path) -> Path:
    """Write the seeds of all images as the project stores them, into `folder`."""
    folder.mkdir(exist_ok=True)
    for image_id in dataset.split("train"):
        classes, maps = full_size_maps(dataset, image_id)
        quarter = interpolate(torch.from_numpy(maps)[None], scale_factor=0.25, mode="area")[0]
        write_seed(folder / f"{image_id}.npz", classes, quarter.clamp(0, 1).numpy(), maps.shape[1:])
    return folder
