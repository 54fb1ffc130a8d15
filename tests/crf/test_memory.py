"""What a dense CRF is refused for want of memory, and that it takes no more than was said."""

import re
import tracemalloc

import numpy as np
import pytest
from crf.scenes import scene, smooth_scene

from wsss.crf import dense_crf
from wsss.crf.memory import Memory

WIDTHS = {2: (0.5, 0.5), 5: (8.0, 8.0, 20.0, 20.0, 20.0)}


def test_an_image_beyond_the_limit_is_refused_with_a_size_that_fits():
    image, scores = scene(21, 100, 200)
    options = {"gaussian_sxy": 0.5, "bilateral_srgb": 1}  # a vertex of its own for every pixel and color
    with pytest.raises(MemoryError, match="200×100 pixels and 21 channels") as error:
        dense_crf(image, scores, memory_limit=10e6, **options)
    width, height = map(int, re.search(r"GB; (\d+)×(\d+) fits", str(error.value)).groups())
    assert 50 < width < 200
    dense_crf(image[:height, :width], scores[:, :height, :width], memory_limit=10e6, **options)


def test_a_limit_below_the_pixels_alone_is_refused():
    with pytest.raises(MemoryError, match="fits"):
        dense_crf(*scene(), memory_limit=1000)


@pytest.mark.parametrize("count", [3, 21])
def test_the_memory_taken_is_within_the_limit_that_was_given(count):
    """numba's arrays are numpy's memory, which tracemalloc sees, once they are handed over."""
    image, scores = smooth_scene(count, 300, 400)
    dense_crf(image, scores, bilateral_srgb=5)
    tracemalloc.start()
    dense_crf(image, scores, bilateral_srgb=5)
    taken = tracemalloc.get_traced_memory()[1] + scores.nbytes
    tracemalloc.stop()
    dense_crf(image, scores, bilateral_srgb=5, memory_limit=2.5 * taken)
    with pytest.raises(MemoryError):
        dense_crf(image, scores, bilateral_srgb=5, memory_limit=0.9 * taken)


def test_a_photo_of_twelve_megapixels_leaves_room_for_three_million_vertices():
    memory = Memory((3000, 4000), 21, 4e9)
    assert memory.vertices(5) > 3e6
    assert np.isclose(memory.without(10**6, 2).vertices(5), memory.vertices(5) - 210 / 228 * 1e6, atol=2)
