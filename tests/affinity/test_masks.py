"""From seeds to masks: the published masks (tests/golden/psa_mask_*.npz), and masks that lie where the seeds do."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from paths import GOLDEN

from wsss.affinity.background import tuned_on
from wsss.affinity.masks import walk_scores, walk_to_mask
from wsss.affinity.pairs import pair_offsets
from wsss.affinity.random_walk import random_walk
from wsss.config.blocks import Mask
from wsss.config.choices import BACKGROUNDS
from wsss.errors import InputError
from wsss.models.cells import cell_grid, cell_means
from wsss.seed.seed_file import Seed

SETTINGS = Mask(background="power", background_alpha=16, beta=8, log_t=8)
PUBLISHED = {  # by the name of the values in the files: the settings, and the number that the background takes
    "alpha16": (SETTINGS, 16),
    "constant039": (Mask(background="constant", background_score=0.39, beta=8, log_t=6), 0.39),
    "irn": (Mask(background="irn", irn_score=0.25, beta=10, log_t=8), 0.25),
}
STRIDE, RADIUS = 8, 5
SIDES = [8 * 9 - 1, 8 * 9, 8 * 9 + 1, 8 * 9 + 4]


@pytest.fixture(params=["dark", "bright"])
def published(request):
    return np.load(GOLDEN / f"psa_mask_{request.param}.npz")


def _read(published):
    return torch.from_numpy(published["seeds"]).float() / 255, torch.from_numpy(published["affinity"])


def _labels(published, scores):
    """Return the class numbers of the winners among scores (K+1, H, W), background first."""
    return np.append(0, published["classes"])[scores.argmax(0)]


@pytest.mark.parametrize("name", PUBLISHED)
def test_scores_are_the_published_ones_before_and_after_the_walk(published, name):
    """On cells; `after_walk` divides by its maximum, which is not in the published values of the walk."""
    maps, affinity = _read(published)
    settings, number = PUBLISHED[name]
    pooled, walked = [], []

    def walk(scores):
        pooled.append(cell_means(scores, STRIDE))
        walked.append(random_walk(pooled[0], affinity, RADIUS, settings.beta, settings.log_t))
        return walk_scores(scores, affinity, STRIDE, RADIUS, settings.beta, settings.log_t)

    scores = BACKGROUNDS[settings.background].load()(maps, number, walk)
    assert np.abs(walked[0].numpy() - published[f"walked_{name}"]).max() < 1e-5
    if name == "constant039":
        assert np.abs(pooled[0].numpy() - published["pooled_constant039"]).max() < 1e-5
    assert np.array_equal(_labels(published, scores), published[f"label_{name}"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_mask_of_a_seed_is_the_published_one_but_for_its_rounding(published, name):
    seed = Seed(published["classes"].astype(np.int64), (published["seeds"] / 255).astype(np.float16), _size(published))
    affinity = torch.from_numpy(published["affinity"])
    winner = walk_to_mask(seed, affinity, published["walked_irn"].shape[1:], STRIDE, RADIUS, *PUBLISHED[name])
    labels = np.append(0, seed.classes)[winner]
    assert (labels == published[f"label_{name}"]).mean() > 0.999  # float16 seeds turn 27 of 28,800 pixels


@pytest.mark.parametrize(
    ("background", "number", "other"), [("power", 16, 2), ("constant", 0.39, 0.6), ("irn", 0.25, 0.6)]
)
def test_the_number_of_the_background_says_how_high_it_is(published, background, number, other):
    maps, affinity = _read(published)

    def walk(scores):
        return walk_scores(scores, affinity, STRIDE, RADIUS, beta=8, log_t=6)

    scores = BACKGROUNDS[background].load()
    low, high = ((scores(maps, height, walk).argmax(0) == 0).sum() for height in (number, other))
    assert high > low


def test_seeds_that_are_zero_everywhere_are_background_after_the_walk():
    zeros = torch.zeros(2, 4, 4)
    scores = BACKGROUNDS["irn"].load()(zeros, 0.25, lambda scores: scores)
    assert scores[0].eq(0.25).all() and scores[1:].eq(0).all()


@pytest.mark.parametrize(
    ("mask", "expected"),
    [
        ({"background": "best"}, "train of mini"),
        ({"background": "auto", "foreground_share": 0.25}, None),
        ({"background": "power", "background_alpha": 16}, None),
        ({"background": "constant", "background_score": 0.39}, "PASCAL VOC 2012 train, as published (MCTformer)"),
        ({"background": "constant", "background_score": 0.4}, None),
        ({"background": "irn", "irn_score": 0.25}, "PASCAL VOC 2012, as published (IRN)"),
    ],
)
def test_masks_say_which_true_masks_their_background_was_tuned_on(mask, expected):
    assert tuned_on(Mask(**mask, beta=8, log_t=6), "train of mini") == expected


def _size(published) -> tuple[int, int]:
    return published["label_alpha16"].shape


def _nobody_is_alike(size: tuple[int, int]) -> torch.Tensor:
    """Return affinities of 0: the walk stays where it is."""
    rows, columns = (max(side - margin, 0) for side, margin in zip(size, (RADIUS - 1, 2 * RADIUS - 2), strict=True))
    return torch.zeros(len(pair_offsets(RADIUS)), rows * columns)


@pytest.mark.parametrize("height", SIDES)
@pytest.mark.parametrize("width", SIDES)
def test_edges_between_cells_stay_where_they_are(height, width):
    """A square at each corner of the image; masks squeezed into the image would be off by up to 7 pixels."""
    truth = np.zeros((height, width), np.int64)
    for number, (rows, columns) in enumerate([(0, 0), (0, 6), (6, 0), (6, 6)], start=1):
        truth[8 * rows : 8 * rows + 16, 8 * columns : 8 * columns + 16] = number
    maps = (truth == np.arange(1, 5)[:, None, None]).astype(np.float16)
    size = cell_grid((height, width), STRIDE)
    winner = walk_to_mask(
        Seed(np.arange(1, 5), maps, (height, width)), _nobody_is_alike(size), size, STRIDE, RADIUS, SETTINGS, 16
    )
    for row in (4, 8 * 7):  # through the middle of the squares: interpolation rounds their corners
        assert np.array_equal(winner[row], truth[row])
    for column in (4, 8 * 7):
        assert np.array_equal(winner[:, column], truth[:, column])


@pytest.mark.parametrize("side", SIDES)
def test_pixels_beyond_the_image_count_as_zero(side):
    means = cell_means(torch.ones(1, side, 8), STRIDE)[0, :, 0]
    assert means[:-1].eq(1).all()
    assert means[-1].item() == pytest.approx(((side - 1) % STRIDE + 1) / STRIDE)


def test_an_image_without_classes_is_background():
    seed = Seed(np.zeros(0, np.int64), np.zeros((0, 1, 1), np.float16), (65, 63))
    winner = walk_to_mask(seed, _nobody_is_alike((9, 8)), (9, 8), STRIDE, RADIUS, SETTINGS, 16)
    assert winner.shape == (65, 63)
    assert not winner.any()


def test_affinities_of_another_image_are_refused():
    seed = Seed(np.array([1]), np.zeros((1, 4, 4), np.float16), (64, 65))
    with pytest.raises(InputError, match=r"\(64, 65\).*the affinities of another"):
        walk_to_mask(seed, _nobody_is_alike((8, 8)), (8, 8), STRIDE, RADIUS, SETTINGS, 16)
