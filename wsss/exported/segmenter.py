"""A segmentation network from its model folder, as a function of photos.

segmenter = load_segmenter("results/mini/main/model")
mask, probabilities = segmenter("photo.jpg")
[segmenter.classes[number - 1] for number in np.unique(mask) if number]
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import interpolate

from wsss.config.blocks import Segmentation
from wsss.data.augment import normalize
from wsss.device import inference_precision
from wsss.exported.model_folder import SegmentationModel, open_segmentation_model
from wsss.exported.photos import PhotoLike, fit, upright
from wsss.models.segmentation_network import SegmentationNetwork, create_segmentation_network
from wsss.models.trained import open_trained
from wsss.segmentation.inference import classes_in_play, predict_probabilities, refine


class Segmented(NamedTuple):
    """What a network makes of a photo of (H, W) pixels; it unpacks: `mask, probabilities = segmenter(photo)`.

    mask: (H, W) uint8; 0 is background, c is `classes[c - 1]`.
    probabilities: (C+1, H, W) float32 in [0, 1], background first, 1 in sum. With a dense CRF, those that it ends with;
        0 for classes that it need not look at, as they cannot win.
    """

    mask: np.ndarray
    probabilities: np.ndarray


class Segmenter:
    """A trained segmentation network, on the GPU if there is one; `load_segmenter` opens it.

    classes: names of the C foreground classes.
    model: all that model.json says.
    """

    def __init__(self, model: SegmentationModel, folder: Path):
        self.model, self.classes = model, tuple(model.classes)
        self.network = build(model)
        self.device = open_trained(self.network, folder)

    def __call__(self, photo: PhotoLike, longest_side: int | None = None) -> Segmented:
        """Segment a photo of any size, as stages/predict.py would by the settings of the model.

        Args:
            photo: a path, a PIL image, or (H, W, 3) uint8 RGB; a file or PIL image is turned as EXIF says, and the mask
                is that of the upright photo.
            longest_side: a larger photo is made smaller for the network and the CRF, and the result brought back to its
                size. The longest of the data set by default (`model.images.longest_side`); 0: as it is.

        Raises:
            InputError: of a file that is missing or does not decode.
            ValueError: of an array of another shape or type.
        """
        image = upright(photo)
        seen, size = fit(image, self.longest_side(longest_side)), (image.height, image.width)
        with inference_precision(self.device, self.network):
            ((classes, scores),) = self.scores([seen])
        scores = refine(seen, scores, self.model.inference.crf)
        probabilities = np.zeros((len(self.classes) + 1, *size), np.float32)
        probabilities[classes] = enlarged(scores, size)
        return Segmented(classes[winners(scores, size)].astype(np.uint8), probabilities)

    def longest_side(self, given: int | None) -> int:
        """Return what a photo's longer side is brought down to: as given, or, of None, as the model says."""
        return self.model.images.longest_side if given is None else given

    def scores(self, photos: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield for each of photos of one size the classes in play (N,) and their scores (N, h, w), before the CRF.

        Args:
            photos: (h, w, 3) uint8 RGB.
        """
        images = self.model.images
        batch = torch.stack([normalize(photo, tuple(images.mean), tuple(images.std)) for photo in photos])
        batch = batch.contiguous(memory_format=torch.channels_last).to(self.device)
        for of_photo in predict_probabilities(self.network, batch, self.model.inference):
            classes = classes_in_play(of_photo, self.model.inference.crf)
            yield classes.cpu().numpy(), of_photo[classes].cpu().numpy()


def load_segmenter(folder: str | os.PathLike) -> Segmenter:
    """Open the model folder of a segmentation network, `results/{dataset}/{variant}/model` or wherever it was put.

    Raises:
        InputError: a folder that is none, of a seed network, of another version, or with weights of another network.
    """
    return Segmenter(open_segmentation_model(Path(folder)), Path(folder))


def build(model: SegmentationModel) -> SegmentationNetwork:
    """Return the network that a model folder describes, with random weights."""
    return create_segmentation_network(Segmentation.model_construct(**dict(model.network)), len(model.classes))


def winners(scores: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return which of N maps (N, h, w) is largest at each pixel of `size`, (H, W) int64; one is enlarged at a time."""
    if scores.shape[1:] == size:
        return scores.argmax(0)
    best, winner = enlarged(scores[:1], size)[0], np.zeros(size, np.int64)
    for number in range(1, len(scores)):
        one = enlarged(scores[number : number + 1], size)[0]
        better = one > best
        winner[better] = number
        np.maximum(best, one, out=best)
    return winner


def enlarged(scores: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return maps (N, h, w) float32 resized to `size`, (N, H, W), bilinearly."""
    if scores.shape[1:] == size:
        return scores
    maps = torch.from_numpy(np.ascontiguousarray(scores))[None]
    return interpolate(maps, size, mode="bilinear", align_corners=False)[0].numpy()
