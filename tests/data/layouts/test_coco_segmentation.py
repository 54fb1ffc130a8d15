"""COCO's segmentations: what is not one is refused before C code sees it, and what is one is that of pycocotools."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as rle_masks

from wsss.data.layouts.coco_segmentation import to_rle, whole_number
from wsss.errors import InputError

SIZE = (8, 6)
FULL = [[0, 0, 6, 0, 6, 8, 0, 8]]


def decoded(segmentation: object) -> np.ndarray:
    rle = to_rle(segmentation, SIZE)
    return np.zeros(SIZE, np.uint8) if rle is None else rle_masks.decode(rle)


@given(arrays(np.uint8, SIZE, elements=st.integers(0, 1)))
def test_every_form_of_a_mask_comes_back(mask):
    compressed = rle_masks.encode(np.asfortranarray(mask))
    flat, runs, current = mask.ravel(order="F"), [0], 0
    for value in flat:
        if value != current:
            runs, current = [*runs, 0], value
        runs[-1] += 1
    for counts in (runs, [float(run) for run in runs], compressed["counts"], compressed["counts"].decode()):
        assert np.array_equal(decoded({"size": list(SIZE), "counts": counts}), mask)
        assert np.array_equal(decoded({"size": [8.0, 6.0], "counts": counts}), mask)


def test_large_runs_in_text_come_back():
    mask = np.zeros((700, 900), np.uint8)
    mask[100:650, 20:870] = 1
    rle = rle_masks.encode(np.asfortranarray(mask))
    assert np.array_equal(rle_masks.decode(to_rle({**rle, "size": [700, 900]}, (700, 900))), mask)


@pytest.mark.parametrize(
    ("segmentation", "message"),
    [
        ([[0, 0, 6, 0, 6, math.nan]], "y is nan, not a number"),
        ([[0, 0, math.inf, 0, 6, 8]], "x is inf, not a number"),
        ([[0, 0, 1e9, 0, 6, 8]], "x is 1000000000.0, far outside the 6x8"),
        ([[0, 0, 6, -1e5, 6, 8]], "y is -100000.0, far outside"),
        ([[0, 0, 10**400, 0, 6, 8]], "x is "),
        ([["0", 0, 6, 0, 6, 8]], "x is 0, not a number"),
        ([[True, 0, 6, 0, 6, 8]], "x is True, not a number"),
        ([[None] * 6], "x is None"),
        ([[0, 0, 6, 0, 6, 8, 1]], "7 numbers"),
        ([0, 0, 6, 0, 6, 8], "is no polygon"),
        ([[[0, 0], [6, 0], [6, 8]]], "numbers"),
        ("abc", "neither polygons nor RLE"),
        (5, "neither polygons nor RLE"),
        ({}, "size None"),
        ({"size": [8, 6]}, "has counts 'None'"),
        ({"size": [8, 6], "counts": [48, 1]}, "of 49 pixels, the image has 48"),
        ({"size": [8, 6], "counts": [50, -2]}, "of 48 pixels"),
        ({"size": [8, 6], "counts": [1.5, 46.5]}, "a run of its RLE is 1.5"),
        ({"size": [6, 8], "counts": [48]}, "size [6, 8], the image of [8, 6]"),
        ({"size": ["8", "6"], "counts": [48]}, "a side of its RLE is '8'"),
        ({"size": [8, 6], "counts": "zz~"}, "holds 'z'"),
        ({"size": [8, 6], "counts": "PPPPPPPPPPPPPPPPPP"}, "without an end"),
        ({"size": [8, 6], "counts": "00P"}, "ends within a run"),
        ({"size": [8, 6], "counts": "01"}, "of 1 pixels"),
    ],
)
def test_what_is_no_segmentation_is_refused(segmentation, message):
    with pytest.raises(InputError) as refused:
        to_rle(segmentation, SIZE)
    assert message in str(refused.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.sampled_from(["size", "counts"]), inner),
)


@given(JSON)
def test_anything_of_json_is_drawn_or_refused(segmentation):
    with contextlib.suppress(InputError):
        assert decoded(segmentation).shape == SIZE


def test_polygons_a_little_outside_are_cut_as_pycocotools_cuts_them():
    outside = [[-1, -1, 7.5, -1, 7.5, 9, -1, 9]]
    assert decoded(outside).all() and decoded(FULL).all()
    assert not decoded([[1, 1, 2, 2]]).any()  # two corners
    assert not decoded([]).any()


@pytest.mark.parametrize("value", [64, 64.0])
def test_a_whole_number_may_be_written_with_a_point(value):
    assert whole_number(value, "height") == 64


@pytest.mark.parametrize("value", [64.5, "64", None, True, math.nan, math.inf, [64]])
def test_what_is_no_whole_number_is_refused(value):
    with pytest.raises(InputError, match="height is .*not a whole number"):
        whole_number(value, "height")
