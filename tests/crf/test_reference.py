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
@pytest.mark.parametrize("count", [2, 8, 21])
@pytest.mark.parametrize("iterations", [1, 3])
def test_marginals_are_those_of_pydensecrf(iterations, count, name):
    """After few steps: more of them enlarge roundings where two classes are level (10 steps, 8 at 67/3/1: 1e-4)."""
    pytest.importorskip("pydensecrf.densecrf")
    image, scores = smooth_scene(count, 60, 80)
    settings = PARAMETERS[name] | {"iterations": iterations}
    wanted = by_pydensecrf(image, scores, settings)
    assert np.abs(dense_crf(image, scores, **settings) - wanted).max() < 1e-5
