"""The permutohedral lattice: where pixels lie in it, and what filtering with it does."""

import numpy as np
import pytest
from crf.scenes import scene, smooth_scene

from wsss.crf.lattice import build_lattice
from wsss.crf.mean_field import Kernel, normalized, row_sums

WIDTHS = {2: (3.0, 3.0), 5: (8.0, 8.0, 20.0, 20.0, 20.0)}


@pytest.mark.parametrize("dimensions", [2, 5])
def test_a_pixel_is_a_mean_of_the_vertices_of_its_simplex(dimensions):
    lattice = build_lattice(scene()[0], WIDTHS[dimensions], 10**6)
    assert lattice.weights.min() > -1e-5
    assert np.allclose(lattice.weights.sum(1), 1, atol=1e-5)
    assert all(len(set(simplex)) == dimensions + 1 for simplex in lattice.vertices.tolist())


@pytest.mark.parametrize("dimensions", [2, 5])
def test_the_edges_of_a_pixel_s_simplex_are_steps_along_chains(dimensions):
    """From each color to the next, and from the last to the first, it goes along another direction."""
    lattice = build_lattice(smooth_scene(2, 30, 40)[0], WIDTHS[dimensions], 10**6)
    steps = []
    for start, end in zip(lattice.starts[:-1], lattice.starts[1:], strict=True):
        chain = lattice.chains[start:end]
        steps.append({step for step in zip(chain[:-1].tolist(), chain[1:].tolist(), strict=True) if 0 not in step})
    for simplex in lattice.vertices[::7].tolist():
        edges = list(zip(simplex, simplex[1:] + simplex[:1], strict=True))
        directions = [direction for edge in edges for direction, some in enumerate(steps) if edge in some]
        assert sorted(directions) == list(range(dimensions + 1))


def test_chains_hold_each_vertex_once_and_none_alone():
    lattice = build_lattice(scene()[0], WIDTHS[5], 10**6)
    for start, end in zip(lattice.starts[:-1], lattice.starts[1:], strict=True):
        chain = lattice.chains[start:end]
        assert chain[0] == chain[-1] == 0
        assert len(np.unique(chain[chain > 0])) == (chain > 0).sum()
        assert (np.diff(np.flatnonzero(chain == 0)) > 2).all()


def test_vertices_are_those_that_pixels_touch():
    lattice = build_lattice(scene()[0], WIDTHS[5], 10**6)
    assert np.array_equal(np.unique(lattice.vertices), np.arange(1, lattice.count))


def test_many_vertices_are_told_apart():
    """The table grows many times; the same colours beside find the same vertices again."""
    image = scene(height=100, width=120)[0]
    twice = build_lattice(np.concatenate([image, image], 1), (1e30, 1e30, 2.0, 2.0, 2.0), 10**6)
    vertices = twice.vertices.reshape(100, 2, 120, 6)
    assert twice.count > 2**14
    assert np.array_equal(vertices[:, 0], vertices[:, 1])


@pytest.mark.parametrize("size", [(10, 20000), (20000, 10)])
@pytest.mark.parametrize("widths", [(0.5, 0.5), (0.5, 0.5, 1.0, 1.0, 1.0), (80.0, 80.0, 1.0, 1.0, 1.0)])
def test_no_vertex_of_a_long_image_is_touched_from_afar(size, widths):
    """As it would be if its coordinates did not fit their type (pydensecrf's have 16 bits)."""
    image = np.tile(scene(height=10, width=10)[0], (size[0] // 10, size[1] // 10, 1))
    vertices = build_lattice(image, widths, 10**7).vertices
    along = np.indices(size)[np.argmax(size)].ravel()
    first, last = np.full(vertices.max() + 1, 20000), np.zeros(vertices.max() + 1, int)
    for column in vertices.T:
        np.minimum.at(first, column, along)
        np.maximum.at(last, column, along)
    extent = 4 * widths[0] + 1  # a simplex' longest edge is less than four deviations
    assert (last - first)[1:].max() <= extent


def test_a_pixel_s_sum_is_that_of_the_gaussian():
    """To 15 %: the lattice's Gaussian is an approximation, whose size the normalisation cancels."""
    height = width = 61
    lattice = build_lattice(np.zeros((height, width, 3), np.uint8), (4.0, 4.0), 10**6)
    y, x = np.mgrid[:height, :width] - 30
    sums = row_sums(Kernel(lattice, np.ones(height * width, np.float32))).reshape(height, width)[20:41, 20:41]
    assert sums.mean() == pytest.approx(np.exp(-(x**2 + y**2) / 32).sum(), rel=0.15)


def test_a_normalised_kernel_has_rows_that_sum_to_about_one():
    sums = row_sums(normalized(build_lattice(smooth_scene(2, 60, 80)[0], WIDTHS[5], 10**6)))
    assert 0.5 < sums.min() <= sums.max() < 1.5


def test_too_many_vertices_are_refused():
    image = scene(height=100, width=120)[0]
    needed = build_lattice(image, WIDTHS[5], 10**6).count
    assert build_lattice(image, WIDTHS[5], needed).count == needed
    assert build_lattice(image, WIDTHS[5], needed - 1) is None


@pytest.mark.parametrize("widths", [(1e-6, 1e-6), (80.0, 80.0, 0.005, 0.005, 0.005)])
def test_widths_that_leave_vertices_without_a_number_are_refused(widths):
    with pytest.raises(ValueError, match="too narrow for 120×100 pixels"):
        build_lattice(scene(height=100, width=120)[0], widths, 10**6)
