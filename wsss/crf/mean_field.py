"""Mean field in a fully connected CRF (Krähenbühl & Koltun 2011, alg. 1), with both kernels on permutohedral lattices.

One pass over the pixels does all of a step but the blurring: it gathers both kernels' messages, makes marginals of
them, and spreads these into the lattices for the next step. So nothing is kept for each pixel but its unary terms.

Channels are the classes of all CRFs of the image, one CRF after the other, in blocks of eight; the last block is filled
up. Arrays of values are (rows, blocks, 8) float32, a row being a pixel or a vertex.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wsss.crf.compiled import compiled, inlined
from wsss.crf.lanes import (
    add,
    fill,
    larger,
    largest,
    load,
    multiply,
    multiply_add,
    rounded,
    store,
    times_power_of_two,
    total,
)
from wsss.crf.lattice import Lattice

_NEAR_COLORS, _ALIKE_COLORS = 3, 6  # vertices of a simplex; said here, the loops over them are written out
_TILE = 64  # pixels that a pass does at a time: their channels stay in the processor's first cache
_ONE, _HALF = np.float32(1), np.float32(0.5)
_LOG_2 = np.float32(np.log(2))
_BEYOND = np.float32(1e30)  # no logarithm is as large
_SMALL = np.float32(1e-20)  # keeps the normalisation of a pixel without neighbours finite


class Kernel(NamedTuple):
    """A Gaussian kernel, normalised symmetrically, and its weight in the CRF."""

    lattice: Lattice  # its weights already hold the normalisation
    scale: np.float32  # what the blurred values are multiplied by


class Energy(NamedTuple):
    """The unary terms of G CRFs of K classes, in B blocks of channels."""

    logarithms: np.ndarray  # (N, B, 8) float32: log p, of channel g·K + k; -100 where the last block is filled up
    members: np.ndarray  # (G, B, 8) float32: 1 where a channel is one of the CRF's, else 0


def normalize(lattice: Lattice) -> None:
    """Make a lattice's kernel k_ij be n_i k_ij n_j, where n_i = 1 / sqrt(sum_j k_ij), by way of its weights."""
    factors = 1 / np.sqrt(row_sums(lattice) + _SMALL)
    np.multiply(lattice.weights, factors[:, None], out=lattice.weights)


def kernel(lattice: Lattice, compatibility: float) -> Kernel:
    """Return the kernel of a normalised lattice that weighs `compatibility` in a CRF."""
    return Kernel(lattice, np.float32(compatibility) * _gain(lattice))


def _gain(lattice: Lattice) -> np.float32:
    """Return what undoes the gain of blurring with (1/2, 1, 1/2) along d+1 directions."""
    return np.float32(1 / (1 + 2.0 ** -(lattice.vertices.shape[1] - 1)))


def mean_field(energy: Energy, gaussian: Kernel, bilateral: Kernel, iterations: int) -> None:
    """Replace the logarithms of `energy` by the marginals after so many steps."""
    blocks = energy.logarithms.shape[1]
    near, near_spread, alike, alike_spread = (
        np.zeros((kernel.lattice.count, blocks, 8), np.float32) for kernel in (gaussian, gaussian, bilateral, bilateral)
    )
    _iterate(
        *energy,
        *gaussian.lattice[:4],
        gaussian.scale,
        *bilateral.lattice[:4],
        bilateral.scale,
        near,
        near_spread,
        alike,
        alike_spread,
        iterations,
    )


@compiled
def _iterate(
    logarithms,
    members,
    near_vertices,
    near_weights,
    near_chains,
    near_starts,
    near_scale,
    alike_vertices,
    alike_weights,
    alike_chains,
    alike_starts,
    alike_scale,
    near,
    near_spread,
    alike,
    alike_spread,
    iterations,
):
    """Do what `mean_field` says. `near` (the Gaussian kernel) and `alike` (the bilateral one) hold what is gathered."""
    blocks = logarithms.shape[1]
    here = np.empty((_TILE, blocks, 8), np.float32)
    of_group = np.empty(len(members), np.float32)
    for step in range(iterations + 1):
        for start in range(0, logarithms.shape[0], _TILE):
            tile = min(_TILE, logarithms.shape[0] - start)
            for i in range(tile):
                for block in range(blocks):
                    energy = load(logarithms, start + i, block)
                    if step > 0:
                        message = _sliced(near_vertices, near_weights, near, start + i, block, _NEAR_COLORS)
                        energy = multiply_add(fill(near_scale), message, energy)
                        message = _sliced(alike_vertices, alike_weights, alike, start + i, block, _ALIKE_COLORS)
                        energy = multiply_add(fill(alike_scale), message, energy)
                    store(here, i, block, energy)
            for i in range(tile):
                _softmax(here, i, members, of_group)
            for i in range(tile):
                for block in range(blocks):
                    marginals = load(here, i, block)
                    if step < iterations:
                        _splat(near_vertices, near_weights, near_spread, start + i, block, _NEAR_COLORS, marginals)
                        _splat(alike_vertices, alike_weights, alike_spread, start + i, block, _ALIKE_COLORS, marginals)
                    else:
                        store(logarithms, start + i, block, marginals)
        if step < iterations:
            near, near_spread, alike, alike_spread = near_spread, near, alike_spread, alike
            _blur(near, near_chains, near_starts)
            _blur(alike, alike_chains, alike_starts)
            near_spread[:] = 0
            alike_spread[:] = 0


@inlined
def _sliced(vertices, weights, values, pixel, block, colors):
    """Return what a pixel gathers from the vertices of its simplex."""
    here = fill(np.float32(0))
    for color in range(colors):
        here = multiply_add(fill(weights[pixel, color]), load(values, vertices[pixel, color], block), here)
    return here


@inlined
def _splat(vertices, weights, values, pixel, block, colors, here):
    """Add what a pixel holds to the vertices of its simplex."""
    for color in range(colors):
        vertex = vertices[pixel, color]
        store(values, vertex, block, multiply_add(fill(weights[pixel, color]), here, load(values, vertex, block)))


@compiled
def _blur(values, chains, starts):
    """Blur values (V, B, 8), 0 at vertex 0, in place with (1/2, 1, 1/2), along one direction after the other."""
    before = np.zeros((1, values.shape[1], 8), np.float32)  # what the vertex before held until it was blurred
    for direction in range(len(starts) - 1):
        for i in range(starts[direction], starts[direction + 1] - 1):
            vertex, after = chains[i], chains[i + 1]
            for block in range(values.shape[1]):
                here = load(values, vertex, block)
                if vertex != 0:
                    beside = add(load(before, 0, block), load(values, after, block))
                    store(values, vertex, block, multiply_add(fill(_HALF), beside, here))
                store(before, 0, block, here)


@inlined
def _softmax(values, row, members, of_group):
    """Replace a row of values by their softmax over the channels of each CRF. of_group (G,) is overwritten."""
    blocks, groups = values.shape[1], len(members)
    for group in range(groups):
        highest = fill(-_BEYOND)
        for block in range(blocks):
            outside = add(load(members, group, block), fill(np.float32(-1)))
            highest = larger(highest, multiply_add(outside, fill(_BEYOND), load(values, row, block)))
        of_group[group] = -largest(highest)
    for block in range(blocks):
        here = add(load(values, row, block), _dealt(members, of_group, block))
        store(values, row, block, _exponential(here))
    for group in range(groups):
        sums = fill(np.float32(0))
        for block in range(blocks):
            sums = multiply_add(load(members, group, block), load(values, row, block), sums)
        of_group[group] = np.float32(1) / total(sums)
    for block in range(blocks):
        store(values, row, block, multiply(load(values, row, block), _dealt(members, of_group, block)))


@inlined
def _dealt(members, of_group, block):
    """Return for each channel of a block the number of its CRF."""
    here = fill(np.float32(0))
    for group in range(len(members)):
        here = multiply_add(load(members, group, block), fill(of_group[group]), here)
    return here


@inlined
def _exponential(x):
    """Return e^x for x ≤ 0, to 2e-7 of itself; below e^-60 it is 0, so that no product of it is a slow, tiny number.

    e^x = 2^n e^r with |r| ≤ log(2) / 2, and e^r by its series, r^7 / 7! being less than 1e-7.
    """
    exponents = rounded(multiply(x, fill(_ONE / _LOG_2)))
    rest = multiply_add(exponents, fill(-_LOG_2), x)
    series = fill(np.float32(1 / 5040))
    for coefficient in (1 / 720, 1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0):
        series = multiply_add(series, rest, fill(np.float32(coefficient)))
    return times_power_of_two(series, exponents)


def row_sums(lattice: Lattice) -> np.ndarray:
    """Return the sums over j of a lattice's kernel k_ij, (N,) float32, for every pixel i."""
    return _gain(lattice) * _row_sums(*lattice)


@compiled
def _row_sums(vertices, weights, chains, starts, count):
    pixels, colors = vertices.shape
    values = np.zeros((count, 1, 8), np.float32)
    for pixel in range(pixels):
        for color in range(colors):
            values[vertices[pixel, color], 0, 0] += weights[pixel, color]
    _blur(values, chains, starts)
    sums = np.zeros(pixels, np.float32)
    for pixel in range(pixels):
        for color in range(colors):
            sums[pixel] += weights[pixel, color] * values[vertices[pixel, color], 0, 0]
    return sums
