"""The confident labels against the published library calls (tests/golden/dense_crf.npz)."""

import numpy as np
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
SETTINGS = AffinityLabels(low_alpha=4, high_alpha=32, crf=_CRF)


def test_confident_labels_are_the_published_ones():
    photo, expected = read_image(GOLDEN / "2014_000064.jpg"), np.load(GOLDEN / "dense_crf.npz")
    small = Image.open(GOLDEN / "2014_000064_7.png")
    cam = np.asarray(small.resize(photo.shape[1::-1], Image.Resampling.BILINEAR), np.float32)[None] / 255
    labels = confident_labels(photo, cam, expected["classes"], SETTINGS)
    strict, generous = expected["low_alpha_4"], expected["high_alpha_32"]
    wanted = np.where(generous == 0, 0, np.where(strict > 0, 7, 255))
    assert set(np.unique(wanted)) == {0, 7, 255}
    assert (labels == wanted).mean() > 0.9999


def test_an_image_without_labels_is_surely_background():
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert (confident_labels(image, np.zeros((0, 20, 30), np.float32), np.zeros(0, int), SETTINGS) == 0).all()


def test_confident_labels_are_class_numbers():
    image = np.zeros((24, 30, 3), np.uint8)
    image[:, 10:20] = 128
    image[:, 20:] = 255
    maps = np.zeros((2, 24, 30), np.float32)
    maps[0, :, :10] = maps[1, :, 20:] = 1
    labels = confident_labels(image, maps, np.array([4, 19]), SETTINGS)
    assert labels.dtype == np.uint8
    assert [np.unique(labels[:, c]).tolist() for c in (4, 15, 25)] == [[4], [0], [19]]
