"""What the stages did with pydensecrf2, to be put in the place of what they do now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from benchmarks.reference_crf import by_pydensecrf
from wsss.affinity.random_walk import with_background
from wsss.config.blocks import AffinityLabels, Crf
from wsss.crf.inference import SMALLEST_PROBABILITY
from wsss.data.prepared import PreparedDataset
from wsss.files import write_mask
from wsss.seed.seed_file import read_seed_of, seed_at_full_size


def label(dataset: PreparedDataset, seeds: Path, settings: AffinityLabels, folder: Path, image_id: str) -> None:
    """Write the confident labels of an image (stages/label_affinity.py)."""
    image, seed = dataset.image(image_id), read_seed_of(dataset, seeds, image_id)
    maps = torch.from_numpy(seed_at_full_size(seed))
    strict, generous = (
        by_pydensecrf(image, with_background(maps, alpha).numpy(), dict(settings.crf)).argmax(0)
        for alpha in (settings.low_alpha, settings.high_alpha)
    )
    labels = np.append(255, seed.classes).astype(np.uint8)[strict]
    labels[generous == 0] = 0
    write_mask(folder / f"{image_id}.png", labels)


def classes_in_play(scores: torch.Tensor, crf: Crf) -> torch.Tensor:
    """Return the classes that stages/predict.py kept: those no further behind the best than the weights reach."""
    logarithms = scores.clamp(SMALLEST_PROBABILITY, 1).log()
    beaten = (logarithms < logarithms.amax(0) - crf.gaussian_compat - crf.bilateral_compat).flatten(1).all(1)
    return torch.nonzero(~beaten)[:, 0]


def write(dataset: PreparedDataset, crf: Crf, folder: Path, image: tuple[str, np.ndarray, np.ndarray]) -> None:
    """Write the labels of an image (stages/predict.py)."""
    image_id, classes, scores = image
    if len(classes) > 1:
        scores = by_pydensecrf(dataset.image(image_id), scores, dict(crf))
    write_mask(folder / f"{image_id}.png", classes[scores.argmax(0)])
