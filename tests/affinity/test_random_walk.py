"""The random walk against the published dense matrix power (tests/golden/psa_random_walk.npz), and on hard inputs."""

import numpy as np
import pytest
import torch
from paths import GOLDEN

from wsss.affinity.pairs import affinity, pair_indices
from wsss.affinity.random_walk import power_in_chebyshev, random_walk, with_background

HEIGHT, WIDTH, PAIRS = 13, 19, (34, 9 * 11)


def _dense_walk(cam, values, radius, beta, log_t):
    """The published computation, in float64."""
    height, width = cam.shape[-2:]
    index_from, index_to = pair_indices(height, width, radius)
    matrix = torch.eye(height * width, dtype=torch.float64)
    matrix[index_from.expand_as(index_to), index_to] = values.double()
    matrix[index_to, index_from.expand_as(index_to)] = values.double()
    matrix = matrix**beta
    matrix /= matrix.sum(0, keepdim=True)
    for _ in range(log_t):
        matrix = matrix @ matrix
    return (cam.double().flatten(1) @ matrix).view(cam.shape)


def _random(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_walk_is_the_published_one():
    published = np.load(GOLDEN / "psa_random_walk.npz")
    values = affinity(torch.from_numpy(published["features"])[None], 5)[0]
    walked = random_walk(torch.from_numpy(published["cam"]), values, 5, beta=8, log_t=8)
    assert walked.dtype == torch.float32
    assert np.abs(walked.numpy() - published["walked"]).max() < 1e-5


HARD = {
    "all alike": torch.ones(PAIRS),
    "all apart": torch.zeros(PAIRS),
    "hardly sharing": 0.05 + 0.1 * _random(*PAIRS),
    "islands": (_random(*PAIRS) > 0.5).float(),
    "few bridges": (_random(*PAIRS) > 0.97).float(),
    "underflow": _random(*PAIRS) * 1e-6,
}


@pytest.mark.parametrize("values", HARD.values(), ids=HARD.keys())
def test_the_walk_is_exact_on_hard_affinities(values):
    cam = _random(3, HEIGHT, WIDTH, seed=1)
    cam[1] = 0
    cam[1, 6, 9] = 1
    cam[2] = (cam[2] > 0.5).float()
    error = random_walk(cam, values, 5, 8, 8) - _dense_walk(cam, values, 5, 8, 8)
    assert error.abs().max() < 1e-6


@pytest.mark.parametrize("log_t", [0, 1, 2, 5, 10])
@pytest.mark.parametrize(("radius", "pairs"), [(2, (4, 12 * 17)), (3, (12, 11 * 15))])
def test_any_length_and_radius(log_t, radius, pairs):
    cam, values = _random(2, HEIGHT, WIDTH), _random(*pairs, seed=1)
    wanted = _dense_walk(cam, values, radius, 4, log_t)
    assert (random_walk(cam, values, radius, 4, log_t) - wanted).abs().max() < 1e-6


def test_a_constant_map_stays():
    cam = torch.full((1, HEIGHT, WIDTH), 0.7)
    assert torch.allclose(random_walk(cam, _random(*PAIRS), 5, 8, 8), cam, atol=1e-6)


def test_a_map_too_small_for_pairs_stays():
    cam = _random(2, 3, 7)
    assert torch.equal(random_walk(cam, torch.zeros(34, 0), 5, 8, 8), cam)


def test_no_maps_walk_to_no_maps():
    assert random_walk(torch.zeros(0, HEIGHT, WIDTH), _random(*PAIRS), 5, 8, 8).shape == (0, HEIGHT, WIDTH)


def test_nan_is_not_lost():
    values = _random(*PAIRS)
    values[0, 0] = torch.nan
    assert random_walk(torch.ones(1, HEIGHT, WIDTH), values, 5, 8, 8).isnan().any()


def test_affinities_of_another_map_are_refused():
    with pytest.raises(ValueError, match="13×19"):
        random_walk(_random(1, HEIGHT, WIDTH), _random(34, 100), 5, 8, 8)


@pytest.mark.parametrize("exponent", [1, 2, 3, 256, 4096])
def test_the_chebyshev_sum_is_the_power(exponent):
    z = np.linspace(-1, 1, 1001)
    assert np.abs(np.polynomial.chebyshev.chebval(z, power_in_chebyshev(exponent)) - z**exponent).max() < 3e-8


def test_the_chebyshev_sum_is_short():
    assert len(power_in_chebyshev(256)) < 100


def test_background_is_what_no_class_claims():
    maps = torch.tensor([[[0.0, 0.5, 1.0]], [[0.0, 0.25, 0.5]]])
    scores = with_background(maps, 2)
    assert scores[0].tolist() == [[1, 0.25, 0]]
    assert torch.equal(scores[1:], maps)


def test_without_classes_all_is_background():
    assert with_background(torch.zeros(0, 2, 3), 16).tolist() == torch.ones(1, 2, 3).tolist()
