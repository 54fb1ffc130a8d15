"""What `dense_crf` takes, gives back and refuses."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from crf.scenes import scene

from wsss.crf import dense_crf


def test_marginals_add_up_to_one():
    marginals = dense_crf(*scene())
    assert marginals.dtype == np.float32
    assert np.allclose(marginals.sum(0), 1, atol=1e-5)


def test_without_iterations_the_probabilities_are_normalised():
    image, scores = scene()
    assert np.allclose(dense_crf(image, scores, iterations=0), scores / scores.sum(0), atol=1e-6)


def test_kernels_of_no_weight_change_nothing():
    image, scores = scene()
    assert np.allclose(
        dense_crf(image, scores, gaussian_compat=0, bilateral_compat=0), scores / scores.sum(0), atol=1e-6
    )


def test_a_pixel_takes_after_its_neighbours_of_the_same_colour():
    image, scores = np.zeros((20, 40, 3), np.uint8), np.full((2, 20, 40), 0.5, np.float32)
    image[:, 20:] = 255
    scores[:, :, :20] = np.array([0.8, 0.2])[:, None, None]
    scores[:, :, 20:] = np.array([0.2, 0.8])[:, None, None]
    scores[:, 10, 18:22] = scores[::-1, 10, 18:22].copy()  # wrong on either side of the edge
    labels = dense_crf(image, scores, gaussian_compat=1).argmax(0)
    assert (labels[:, :20] == 0).all() and (labels[:, 20:] == 1).all()


def test_arrays_need_not_be_contiguous():
    image, scores = scene()
    wanted = dense_crf(image[:, ::-1].copy(), scores[:, :, ::-1].copy())
    assert np.array_equal(dense_crf(image[:, ::-1], scores[:, :, ::-1]), wanted)


def test_arrays_may_be_read_only():
    image, scores = scene()
    wanted = dense_crf(image, scores)
    image.flags.writeable = scores.flags.writeable = False
    assert np.array_equal(dense_crf(image, scores), wanted)


def test_inputs_are_left_as_they_were():
    image, scores = scene()
    copies = image.copy(), scores.copy()
    dense_crf(image, scores)
    assert np.array_equal(image, copies[0])
    assert np.array_equal(scores, copies[1])


@pytest.mark.parametrize("count", [2, 3, 5, 9])  # in one block of channels, across two, and in three
def test_crfs_of_one_image_are_those_of_their_own(count):
    image, scores = scene(count)
    together = np.stack([scores, scores[::-1] ** 2, np.sqrt(scores)])
    for one, marginals in zip(together, dense_crf(image, together), strict=True):
        assert np.allclose(marginals, dense_crf(image, one), atol=1e-6)


def test_tensors_come_back_as_tensors():
    image, scores = scene()
    marginals = dense_crf(torch.from_numpy(image), torch.from_numpy(scores).requires_grad_())
    assert isinstance(marginals, torch.Tensor)
    assert np.array_equal(marginals.numpy(), dense_crf(image, scores))


def test_half_and_double_precision_are_taken():
    image, scores = scene()
    scores = scores.astype(np.float16)
    wanted = dense_crf(image, scores.astype(np.float32))
    assert np.array_equal(dense_crf(image, scores), wanted)
    assert np.array_equal(dense_crf(image, scores.astype(np.float64)), wanted)


def test_one_width_is_that_of_all_axes():
    image, scores = scene()
    wanted = dense_crf(image, scores, gaussian_sxy=2, bilateral_sxy=9, bilateral_srgb=7)
    given = {"gaussian_sxy": (2, 2), "bilateral_sxy": (9, 9), "bilateral_srgb": (7, 7, 7)}
    assert np.array_equal(dense_crf(image, scores, **given), wanted)
    assert not np.allclose(dense_crf(image, scores, **given | {"bilateral_sxy": (9, 90)}), wanted, atol=1e-3)


def test_several_threads_at_once_give_the_same():
    scenes = [scene(seed=seed) for seed in range(8)]
    wanted = [dense_crf(*one) for one in scenes]
    with ThreadPoolExecutor(4) as pool:
        for found, one in zip(pool.map(lambda one: dense_crf(*one), scenes), wanted, strict=True):
            assert np.array_equal(found, one)


def test_a_single_class_is_certain():
    assert (dense_crf(*scene(count=1)) == 1).all()


def test_zero_probabilities_stay_finite():
    image, scores = scene()
    assert np.allclose(dense_crf(image, np.zeros_like(scores)), 1 / 3, atol=1e-6)


def test_heavy_weights_stay_finite():
    marginals = dense_crf(*scene(), gaussian_compat=1e4, bilateral_compat=1e4)
    assert np.allclose(marginals.sum(0), 1, atol=1e-5)


def test_an_image_of_one_pixel_keeps_its_likeliest_class():
    marginals = dense_crf(np.zeros((1, 1, 3), np.uint8), np.array([[[0.2]], [[0.8]]], np.float32))
    assert marginals.shape == (2, 1, 1)
    assert marginals.argmax(0) == 1


def test_an_image_of_another_size_is_refused():
    image, scores = scene()
    with pytest.raises(ValueError, match="image"):
        dense_crf(image[:10], scores)


def test_an_image_that_is_not_uint8_is_refused():
    image, scores = scene()
    with pytest.raises(ValueError, match="uint8"):
        dense_crf(image / 255, scores)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_nan_is_refused(number, count):
    image, scores = scene(count)
    scores[0, 3, 4] = number
    with pytest.raises(ValueError, match="NaN"):
        dense_crf(image, scores)


@pytest.mark.parametrize(
    "wrong",
    [
        {"gaussian_sxy": 0},
        {"bilateral_sxy": (80, 80, 80)},
        {"bilateral_srgb": -1},
        {"bilateral_srgb": float("nan")},
        {"gaussian_sxy": 1e-9},
        {"iterations": -1},
        {"bilateral_compat": -3},
    ],
)
def test_parameters_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=str(next(iter(wrong.values()))).split(",")[0].strip("(")):
        dense_crf(*scene(), **wrong)


def test_no_classes_are_refused():
    image, scores = scene()
    with pytest.raises(ValueError, match="probabilities"):
        dense_crf(image, scores[:0])
