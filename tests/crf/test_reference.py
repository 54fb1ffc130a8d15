"""The dense CRF against pydensecrf2: stored marginals, published labels, and the library itself where it is there."""

import numpy as np
import pytest
from crf.scenes import smooth_scene
from paths import GOLDEN
from PIL import Image

from benchmarks.reference_crf import PARAMETERS, VAL, by_pydensecrf
from wsss.crf import dense_crf
from wsss.files import read_image


@pytest.mark.parametrize("name", PARAMETERS)
def test_marginals_are_those_stored(name):
    stored = np.load(GOLDEN / "dense_crf_marginals.npz")
    image, scores, wanted = (stored[f"{name}_{what}".replace("/", "_")] for what in ("image", "scores", "marginals"))
    marginals = dense_crf(image, scores.astype(np.float32) / 255, **PARAMETERS[name])
    assert np.ptp(wanted) > 0.9
    assert np.abs(marginals - wanted).max() < 1e-4


def test_val_settings_give_the_published_labels_and_marginals():
    photo, expected = read_image(GOLDEN / "2014_000064.jpg"), np.load(GOLDEN / "dense_crf.npz")
    small = Image.open(GOLDEN / "2014_000064_7.png")
    cam = np.asarray(small.resize(photo.shape[1::-1], Image.Resampling.BILINEAR), np.float32)[None] / 255
    scores = np.concatenate([np.full_like(cam, 0.4), cam])
    marginals = dense_crf(photo, scores / scores.sum(0), **VAL)
    assert (marginals.argmax(0) == expected["segmentation"]).mean() > 0.9999
    assert np.allclose(marginals.mean((1, 2)), expected["segmentation_mean"], atol=1e-4)


@pytest.mark.parametrize("name", PARAMETERS)
@pytest.mark.parametrize("count", [2, 3, 4, 8, 12, 16, 20, 21])
def test_marginals_are_those_of_pydensecrf(count, name):
    """To the last bit, where the classes are a multiple of four: of the others it takes some exponentials from libm."""
    pytest.importorskip("pydensecrf.densecrf")
    image, scores = smooth_scene(count, 60, 80)
    wanted, marginals = by_pydensecrf(image, scores, PARAMETERS[name]), dense_crf(image, scores, **PARAMETERS[name])
    assert np.ptp(wanted) > 0.9
    assert np.abs(marginals - wanted).max() <= (1e-25 if count % 4 == 0 else 1e-6)


@pytest.mark.parametrize("counts", [(2, 4), (3, 4), (2, 9), (2, 12), (3, 21)])
def test_of_several_crfs_each_is_that_of_pydensecrf(counts):
    """Wherever in a block of eight channels its classes begin."""
    pytest.importorskip("pydensecrf.densecrf")
    groups, count = counts
    image = smooth_scene(count, 60, 80)[0]
    scores = np.stack([smooth_scene(count, 60, 80, seed=seed)[1] for seed in range(groups)])
    marginals = dense_crf(image, scores)
    for given, found in zip(scores, marginals, strict=True):
        assert np.abs(found - by_pydensecrf(image, given, PARAMETERS["PSA"])).max() <= 1e-6
