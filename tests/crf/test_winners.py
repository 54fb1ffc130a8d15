"""Classes that are left out of a dense CRF because they cannot win."""

import numpy as np
import pytest
import torch
from crf.scenes import scene
from paths import GOLDEN
from PIL import Image

from benchmarks.reference_crf import PARAMETERS, PSA, VAL
from wsss.crf import dense_crf, possible_winners
from wsss.files import read_image


def winners(image, scores, settings):
    """The classes that may win, and the winners of a CRF over these, as `stages/predict.py` finds them."""
    weight = settings["gaussian_compat"] + settings["bilateral_compat"]
    classes = possible_winners(torch.from_numpy(scores), weight, settings["iterations"]).numpy()
    return classes, classes[dense_crf(image, scores[classes], **settings).argmax(0)]


@pytest.fixture(scope="module")
def photo_scores():
    """A photo, and the scores of 21 classes: two that are there, and noise far below them."""
    photo = read_image(GOLDEN / "2014_000064.jpg")
    small = Image.open(GOLDEN / "2014_000064_7.png")
    cam = np.asarray(small.resize(photo.shape[1::-1], Image.Resampling.BILINEAR), np.float32) / 255
    logits = np.random.default_rng(1).normal(size=(21, 12, 16)).astype(np.float32)
    logits = np.stack([np.asarray(Image.fromarray(one).resize(photo.shape[1::-1])) for one in logits])
    logits[[0, 7]] += 10
    logits[7] += 8 * (cam - 0.5)
    scores = np.exp(logits) / np.exp(logits).sum(0)
    return photo, scores


@pytest.mark.parametrize("name", PARAMETERS)
def test_winners_are_those_of_a_crf_over_all_classes(photo_scores, name):
    wanted = dense_crf(*photo_scores, **PARAMETERS[name]).argmax(0)
    classes, found = winners(*photo_scores, PARAMETERS[name])
    assert set(np.unique(wanted)) == {0, 7} and len(classes) < 12
    assert (found == wanted).mean() > 0.9999


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("iterations", [1, 10])
def test_a_class_that_is_left_out_never_has_a_hundredth(photo_scores, name, iterations):
    image, scores = photo_scores
    settings = PARAMETERS[name] | {"iterations": iterations}
    others = np.setdiff1d(np.arange(21), winners(image, scores, settings)[0])
    assert len(others) > 0
    assert dense_crf(image, scores, **settings)[others].max() <= 0.01


def test_no_class_that_the_neighbours_can_raise_is_left_out():
    image, scores = np.zeros((20, 30, 3), np.uint8), np.full((3, 20, 30), 1e-5, np.float32)
    scores[0], scores[2] = 0.6, 0.003
    scores[2, 5:15, 5:25] = 0.9
    classes, found = winners(image, scores, VAL)
    assert classes.tolist() == [0, 2]
    assert np.array_equal(found, dense_crf(image, scores, **VAL).argmax(0))


def test_a_class_that_is_far_below_everywhere_is_left_out():
    image, scores = np.zeros((20, 30, 3), np.uint8), np.full((2, 20, 30), 0.6, np.float32)
    scores[1] = 0.004  # 0.0067 of the best; with 13 · 2 at most it grows to 0.0083
    assert winners(image, scores, PSA)[0].tolist() == [0]
    scores[1] = 0.005  # 0.0083, to 0.011
    assert winners(image, scores, PSA)[0].tolist() == [0, 1]


def test_winners_of_nan_are_refused():
    image, scores = scene()
    scores[1, 3, 3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        winners(image, scores, PSA)
