"""The dense CRF against the published library calls (tests/golden/dense_crf.npz), and the confident labels."""

import numpy as np
import pytest
import torch
from paths import GOLDEN
from PIL import Image

from wsss import crf
from wsss.config.blocks import Crf
from wsss.crf import confident_labels, dense_crf, possible_winners
from wsss.files import read_image

_FIELDS = tuple(Crf.model_fields)
SEED_CRF = Crf(**dict(zip(_FIELDS, (10, 3, 3, 80, 13, 10), strict=True)))
SEGMENTATION_CRF = Crf(**dict(zip(_FIELDS, (10, 4, 3, 83, 5, 3), strict=True)))


@pytest.fixture(scope="module")
def photo():
    return read_image(GOLDEN / "2014_000064.jpg")


@pytest.fixture(scope="module")
def cam(photo):
    small = Image.open(GOLDEN / "2014_000064_7.png")
    return np.asarray(small.resize(photo.shape[1::-1], Image.Resampling.BILINEAR), np.float32)[None] / 255


@pytest.fixture(scope="module")
def expected():
    return np.load(GOLDEN / "dense_crf.npz")


@pytest.fixture(scope="module")
def labels(photo, cam, expected):
    return confident_labels(photo, cam, expected["classes"], 4, 32, SEED_CRF)


def test_confident_labels_are_the_published_ones(labels, expected):
    generous, strict = expected["low_alpha_4"], expected["high_alpha_32"]
    wanted = np.where(strict == 0, 0, np.where(generous > 0, 7, 255))
    assert set(np.unique(wanted)) == {0, 7, 255}
    assert (labels == wanted).mean() > 0.995


def test_segmentation_settings_give_the_published_labels_and_marginals(photo, cam, expected):
    scores = np.concatenate([np.full_like(cam, 0.4), cam])
    marginals = dense_crf(photo, scores / scores.sum(0), SEGMENTATION_CRF)
    assert (marginals.argmax(0) == expected["segmentation"]).mean() > 0.995
    assert np.allclose(marginals.mean((1, 2)), expected["segmentation_mean"], atol=1e-3)


def _scene(count=3, height=20, width=30):
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return image, random.random((count, height, width), dtype=np.float32)


def test_marginals_add_up_to_one():
    marginals = dense_crf(*_scene(), SEED_CRF)
    assert marginals.dtype == np.float32
    assert np.allclose(marginals.sum(0), 1, atol=1e-5)


def test_arrays_need_not_be_contiguous():
    image, scores = _scene()
    wanted = dense_crf(image[:, ::-1].copy(), scores[:, :, ::-1].copy(), SEED_CRF)
    assert np.array_equal(dense_crf(image[:, ::-1], scores[:, :, ::-1], SEED_CRF), wanted)


def test_crfs_that_share_their_kernels_are_those_of_their_own():
    image, scores = _scene()
    both = np.stack([scores, scores[::-1] ** 2])
    wanted = [dense_crf(image, one, SEED_CRF) for one in both]
    assert np.array_equal(crf.dense_crfs(image, both, SEED_CRF), wanted)


def test_inputs_are_left_as_they_were():
    image, scores = _scene()
    copies = image.copy(), scores.copy()
    dense_crf(image, scores, SEED_CRF)
    assert np.array_equal(image, copies[0])
    assert np.array_equal(scores, copies[1])


def winners(image, scores, settings):
    """The winners of a CRF over the classes that can win, as `stages/predict.py` finds them."""
    classes = possible_winners(torch.from_numpy(scores), settings).numpy()
    return classes, classes[dense_crf(image, scores[classes], settings).argmax(0)]


def test_winners_are_those_of_a_crf_over_all_classes(photo, cam):
    random = np.random.default_rng(1)
    logits = random.normal(size=(21, 12, 16)).astype(np.float32)  # noise, far below the two classes that are there
    logits = np.stack([np.asarray(Image.fromarray(one).resize(photo.shape[1::-1])) for one in logits])
    logits[[0, 7]] += 10
    logits[7] += 8 * (cam[0] - 0.5)
    scores = np.exp(logits) / np.exp(logits).sum(0)
    wanted = dense_crf(photo, scores, SEGMENTATION_CRF).argmax(0)
    classes, found = winners(photo, scores, SEGMENTATION_CRF)
    assert set(np.unique(wanted)) == {0, 7} and len(classes) < 12
    assert (found == wanted).mean() > 0.9999


def test_no_class_that_the_neighbours_can_raise_is_left_out():
    image, scores = np.zeros((20, 30, 3), np.uint8), np.full((3, 20, 30), 1e-5, np.float32)
    scores[0], scores[2] = 0.6, 0.003  # log(0.6 / 0.003) = 5.3, within the 6 that the kernels may add
    scores[2, 5:15, 5:25] = 0.9
    classes, found = winners(image, scores, SEGMENTATION_CRF)
    assert classes.tolist() == [0, 2]
    assert np.array_equal(found, dense_crf(image, scores, SEGMENTATION_CRF).argmax(0))
    scores[2] = 0.001  # log(0.6 / 0.001) = 6.4
    assert winners(image, scores, SEGMENTATION_CRF)[0].tolist() == [0]


def test_winners_of_nan_are_refused():
    image, scores = _scene()
    scores[1, 3, 3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        winners(image, scores, SEED_CRF)


def test_a_single_class_is_certain():
    assert (dense_crf(*_scene(count=1), SEED_CRF) == 1).all()


def test_zero_probabilities_stay_finite():
    image, scores = _scene()
    assert np.isfinite(dense_crf(image, np.zeros_like(scores), SEED_CRF)).all()


def test_an_image_of_one_pixel_keeps_its_likeliest_class():
    marginals = dense_crf(np.zeros((1, 1, 3), np.uint8), np.array([[[0.2]], [[0.8]]], np.float32), SEED_CRF)
    assert marginals.shape == (2, 1, 1)
    assert marginals.argmax(0) == 1


def test_an_image_of_another_size_is_refused():
    image, scores = _scene()
    with pytest.raises(ValueError, match="image"):
        dense_crf(image[:10], scores, SEED_CRF)


def test_nan_is_refused():
    image, scores = _scene()
    scores[0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        dense_crf(image, scores, SEED_CRF)


def test_an_image_without_labels_is_surely_background():
    image, scores = _scene()
    assert (confident_labels(image, scores[:0], np.zeros(0, int), 4, 32, SEED_CRF) == 0).all()


def test_confident_labels_are_class_numbers():
    image = np.zeros((24, 30, 3), np.uint8)
    image[:, 10:20] = 128
    image[:, 20:] = 255
    maps = np.zeros((2, 24, 30), np.float32)
    maps[0, :, :10] = maps[1, :, 20:] = 1
    labels = confident_labels(image, maps, np.array([4, 19]), 4, 32, SEED_CRF)
    assert labels.dtype == np.uint8
    assert [np.unique(labels[:, c]).tolist() for c in (4, 15, 25)] == [[4], [0], [19]]
