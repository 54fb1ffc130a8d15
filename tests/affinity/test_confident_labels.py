"""The confident labels against the published library calls (tests/golden/dense_crf.npz, clip_es.npz)."""

import numpy as np
import pytest
from paths import GOLDEN
from PIL import Image

from wsss.affinity.confident_labels import confident_labels
from wsss.config.blocks import AffinityLabels
from wsss.files import read_image

_CRF = {
    "iterations": 10,
    "gaussian_sxy": 3,
    "gaussian_compat": 3,
    "bilateral_sxy": 80,
    "bilateral_srgb": 13,
    "bilateral_compat": 10,
}
SETTINGS = AffinityLabels(labels="agreement", low_alpha=4, high_alpha=32, crf=_CRF)
CLIP_ES = AffinityLabels(
    labels="confidence",
    confidence_alpha=1,
    confidence=0.95,
    crf=_CRF | {"gaussian_sxy": 1, "bilateral_sxy": 67, "bilateral_srgb": 3, "bilateral_compat": 4},
)


def test_confident_labels_are_the_published_ones():
    photo, expected = read_image(GOLDEN / "2014_000064.jpg"), np.load(GOLDEN / "dense_crf.npz")
    small = Image.open(GOLDEN / "2014_000064_7.png")
    cam = np.asarray(small.resize(photo.shape[1::-1], Image.Resampling.BILINEAR), np.float32)[None] / 255
    labels = confident_labels(photo, cam, expected["classes"], SETTINGS)
    strict, generous = expected["low_alpha_4"], expected["high_alpha_32"]
    wanted = np.where(generous == 0, 0, np.where(strict > 0, 7, 255))
    assert set(np.unique(wanted)) == {0, 7, 255}
    assert (labels == wanted).mean() > 0.9999


def test_labels_of_high_confidence_are_the_published_ones():
    """The photo as the published script gives it to its CRF: minus the mean colour, as 8 bits."""
    expected = np.load(GOLDEN / "clip_es.npz")
    mean = np.array([122.675, 116.669, 104.008], np.float32)
    photo = (expected["photo"] - mean).astype(np.int32).astype(np.uint8)
    labels = confident_labels(photo, expected["seeds"].astype(np.float32), expected["classes"], CLIP_ES)
    wanted = np.where(expected["confidence"] < 0.95, 255, expected["label"])
    assert {*np.unique(wanted)} == {0, 3, 15, 255}
    assert (labels != wanted).sum() <= 2


def test_of_higher_confidence_there_is_less():
    expected = np.load(GOLDEN / "clip_es.npz")
    stricter = CLIP_ES.model_copy(update={"confidence": 0.999})
    loose, strict = (
        confident_labels(expected["photo"], expected["seeds"].astype(np.float32), expected["classes"], settings)
        for settings in (CLIP_ES, stricter)
    )
    assert (strict == 255).sum() > (loose == 255).sum()
    assert ((strict == loose) | (strict == 255)).all()


@pytest.mark.parametrize("settings", [SETTINGS, CLIP_ES], ids=["agreement", "confidence"])
def test_an_image_without_labels_is_surely_background(settings):
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert (confident_labels(image, np.zeros((0, 20, 30), np.float32), np.zeros(0, int), settings) == 0).all()


def test_confident_labels_are_class_numbers():
    image = np.zeros((24, 30, 3), np.uint8)
    image[:, 10:20] = 128
    image[:, 20:] = 255
    maps = np.zeros((2, 24, 30), np.float32)
    maps[0, :, :10] = maps[1, :, 20:] = 1
    labels = confident_labels(image, maps, np.array([4, 19]), SETTINGS)
    assert labels.dtype == np.uint8
    assert [np.unique(labels[:, c]).tolist() for c in (4, 15, 25)] == [[4], [0], [19]]
