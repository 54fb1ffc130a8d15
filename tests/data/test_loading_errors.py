"""Errors while images are loaded and augmented name the image, also from loading workers."""

from __future__ import annotations

import traceback

import pytest
from PIL import Image
from small import seed_settings, write_dataset

from wsss.data.augment import TrainTransform
from wsss.data.inference_images import inference_batches
from wsss.data.training_images import TrainingImages
from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone
from wsss.models.segmentation_network import SegmentationNetwork
from wsss.segmentation.task import SegmentationTask
from wsss.training.loop import fit

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WORKERS = pytest.mark.parametrize("workers", [0, 2])


@pytest.fixture
def dataset(tmp_path):
    return write_dataset(tmp_path / "set")


def train(dataset, workers: int, recolor=None):
    """Train a segmentation network for an epoch; `recolor` takes the place of the augmentation's colours."""
    settings = seed_settings(epochs=1, backbone="tiny_cnn")
    transform = TrainTransform(settings.augmentation, MEAN, STD)
    transform.recolor = recolor
    images = TrainingImages(dataset, dataset.split("train"), transform, 0, dataset.root / "masks")
    network = SegmentationNetwork(create_backbone("tiny_cnn", None), 4, "small", 8)
    fit(SegmentationTask(network), images, settings, dataset.root / "checkpoint", {}, workers)


def refuse(image: Image.Image) -> Image.Image:
    """Fail as an operation of DeiT's recipe did that was asked for what Pillow refuses."""
    raise ValueError("bits must be between or equal to 1 and 8")


def told(error: BaseException) -> str:
    """Return what a user sees of an error, with its notes."""
    return "".join(traceback.format_exception(error))


@WORKERS
def test_photo_that_does_not_decode_is_told_in_one_line(dataset, workers):
    (dataset.root / "images/i2.png").write_bytes(b"not a photo")
    with pytest.raises(InputError) as error:
        train(dataset, workers)
    text = str(error.value)
    assert text.startswith(f"{dataset.root / 'images/i2.png'}: does not decode as an image") and "\n" not in text


@WORKERS
def test_augmentation_that_fails_names_photo_and_mask(dataset, workers):
    (dataset.root / "splits/train.txt").write_text("i4\ni4\n")
    with pytest.raises(ValueError, match="bits must be") as error:
        train(dataset, workers, refuse)
    note = f"{dataset.root / 'images/i4.png'}: failed while it was loaded and augmented"
    assert f"{note} with its mask {dataset.root / 'masks/i4.png'}, in epoch 1" in told(error.value)


@WORKERS
@pytest.mark.parametrize("size", [(10, 8), (80, 64)])  # the photos are 40 wide, 32 high
def test_mask_of_another_size_than_its_photo_is_refused_with_both(dataset, workers, size):
    Image.new("L", size, 1).save(dataset.root / "masks/i2.png")
    with pytest.raises(InputError) as error:
        train(dataset, workers)
    mask, photo = dataset.root / "masks/i2.png", dataset.root / "images/i2.png"
    assert str(error.value) == f"{mask}: is {size} pixels wide and high, its photo {photo} (40, 32)"


@WORKERS
def test_image_for_inference_that_does_not_decode_is_told_in_one_line(dataset, workers):
    path = dataset.root / "images/i2.png"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])  # its size can be read, its pixels cannot
    _, batches = inference_batches(dataset, dataset.split("train"), MEAN, STD, workers)
    with pytest.raises(InputError) as error:
        list(batches)
    assert str(error.value).startswith(f"{path}: does not decode as an image") and "\n" not in str(error.value)
