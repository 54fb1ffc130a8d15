"""Mean field in a fully connected CRF (Krähenbühl & Koltun 2011, alg. 1), with both kernels on permutohedral lattices.

One pass over the pixels does all of a step but the blurring: it gathers both kernels' messages, makes marginals of
them, and spreads these into the lattices for the next step. So nothing is kept for each pixel but its unary terms.

Channels are the classes of all CRFs of the image, one CRF after the other, in blocks of eight; the last block is filled
up. Arrays of values are (rows, blocks, 8) float32, a row being a pixel or a vertex.

Mean field enlarges what a rounding changes a thousandfold where classes are level. So each step rounds as the published
program does, in its order, and no product is fused with a sum: marginals agree with its own, and between processors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wsss.crf.compiled import compiled, inlined
from wsss.crf.lanes import (
    add,
    chosen,
    divide,
    exponential,
    fill,
    halves_added,
    larger,
    largest,
    load,
    load_from,
    multiply,
    nearest_exponential,
    store,
    total_of_four,
)
from wsss.crf.lattice import Lattice

_NEAR, _ALIKE = 3, 6  # vertices of a simplex; said here, the loops over them are written out
_TILE = 64  # pixels that a pass does at a time: their channels stay in the processor's first cache
_HALF = np.float32(0.5)
_BEYOND = np.float32(1e30)  # no logarithm is as large
_SMALL = 1e-20  # keeps the normalisation of a pixel without neighbours finite


class Kernel(NamedTuple):
    """A Gaussian kernel n_i k_ij n_j, normalised symmetrically."""

    lattice: Lattice
    factors: np.ndarray  # (N,) float32: n_i = 1 / sqrt(sum_j k_ij)


class Energy(NamedTuple):
    """The unary terms of G CRFs of K classes, in B blocks of channels."""

    logarithms: np.ndarray  # (N, B, 8) float32: log p, of channel g·K + k; -100 where the last block is filled up
    members: np.ndarray  # (G, B, 8) float32: 1 where a channel is one of the CRF's, else 0
    classes: int  # K


def normalized(lattice: Lattice) -> Kernel:
    """Return the kernel of a lattice."""
    sums = row_sums(Kernel(lattice, np.ones(len(lattice.weights), np.float32)))
    return Kernel(lattice, (1 / np.sqrt(sums + _SMALL)).astype(np.float32))


def row_sums(kernel: Kernel) -> np.ndarray:
    """Return the sums over j of a kernel, (N,) float64, for every pixel i."""
    filtered = _filtered(*kernel.lattice, _gain(kernel.lattice), kernel.factors)
    return (filtered * kernel.factors).astype(np.float64)


def _gain(lattice: Lattice) -> np.float32:
    """Return what undoes the gain of blurring with (1/2, 1, 1/2) along d+1 directions."""
    return np.float32(1 / (1 + 2.0 ** -(lattice.vertices.shape[1] - 1)))


def _gains(lattice: Lattice, classes: int) -> tuple[np.float32, np.float32]:
    """Return the gain for a pixel's weights and that for what they are multiplied with.

    The published program multiplies the weights, but of one class or two the product.
    """
    gain, one = _gain(lattice), np.float32(1)
    return (gain, one) if classes > 2 else (one, gain)


def mean_field(
    energy: Energy, gaussian: Kernel, bilateral: Kernel, compatibilities: tuple[float, float], iterations: int
) -> None:
    """Replace the logarithms of `energy` by the marginals after so many steps, both kernels weighing as given."""
    blocks = energy.logarithms.shape[1]
    near, near_spread, alike, alike_spread = (
        np.zeros((kernel.lattice.count, blocks, 8), np.float32) for kernel in (gaussian, gaussian, bilateral, bilateral)
    )
    _iterate(
        *energy,
        _alone(len(energy.members), energy.classes, blocks),
        *gaussian.lattice[:4],
        gaussian.factors,
        _gains(gaussian.lattice, energy.classes),
        np.float32(compatibilities[0]),
        *bilateral.lattice[:4],
        bilateral.factors,
        _gains(bilateral.lattice, energy.classes),
        np.float32(compatibilities[1]),
        near,
        near_spread,
        alike,
        alike_spread,
        iterations,
    )


def _alone(groups: int, classes: int, blocks: int) -> np.ndarray:
    """Return which channels the published program takes the exponential of one by one, (1, B, 8) float32 of 0 and 1.

    It does four at a time, and what is left of a CRF's classes by another function.
    """
    alone = np.zeros(blocks * 8, np.float32)
    for group in range(groups):
        alone[group * classes + classes - classes % 4 : (group + 1) * classes] = 1
    return alone.reshape(1, blocks, 8)


@compiled
def _iterate(
    logarithms,
    members,
    classes,
    alone,
    near_vertices,
    near_weights,
    near_chains,
    near_starts,
    near_factors,
    near_gains,
    near_compatibility,
    alike_vertices,
    alike_weights,
    alike_chains,
    alike_starts,
    alike_factors,
    alike_gains,
    alike_compatibility,
    near,
    near_spread,
    alike,
    alike_spread,
    iterations,
):
    """Do what `mean_field` says. `near` (the Gaussian kernel) and `alike` (the bilateral one) hold what is gathered."""
    blocks = logarithms.shape[1]
    here = np.zeros((_TILE + 1, blocks, 8), np.float32)  # one more: see _total
    of_group = np.empty(len(members), np.float32)
    is_alone = np.array([block.any() for block in alone[0]])
    for step in range(iterations + 1):
        for start in range(0, logarithms.shape[0], _TILE):
            tile = min(_TILE, logarithms.shape[0] - start)
            for i in range(tile):
                pixel = start + i
                for block in range(blocks):
                    energy = load(logarithms, pixel, block)
                    if step > 0:
                        message = _sliced(near_vertices, near_weights, near_gains, near, pixel, block, _NEAR)
                        energy = add(energy, _weighed(message, near_factors[pixel], near_compatibility))
                        message = _sliced(alike_vertices, alike_weights, alike_gains, alike, pixel, block, _ALIKE)
                        energy = add(energy, _weighed(message, alike_factors[pixel], alike_compatibility))
                    store(here, i, block, energy)
            for i in range(tile):
                _softmax(here, i, members, classes, alone, is_alone, of_group)
            for i in range(tile):
                pixel = start + i
                for block in range(blocks):
                    marginals = load(here, i, block)
                    if step < iterations:
                        normalized = multiply(fill(near_factors[pixel]), marginals)
                        _splat(near_vertices, near_weights, near_spread, pixel, block, _NEAR, normalized)
                        normalized = multiply(fill(alike_factors[pixel]), marginals)
                        _splat(alike_vertices, alike_weights, alike_spread, pixel, block, _ALIKE, normalized)
                    else:
                        store(logarithms, pixel, block, marginals)
        if step < iterations:
            near, near_spread, alike, alike_spread = near_spread, near, alike_spread, alike
            _blur(near, near_chains, near_starts)
            _blur(alike, alike_chains, alike_starts)
            near_spread[:] = 0
            alike_spread[:] = 0


@inlined
def _weighed(message, factor, compatibility):
    return multiply(fill(compatibility), multiply(fill(factor), message))


@inlined
def _sliced(vertices, weights, gains, values, pixel, block, colors):
    """Return what a pixel gathers from the vertices of its simplex."""
    here = fill(np.float32(0))
    for color in range(colors):
        share = multiply(fill(weights[pixel, color] * gains[0]), load(values, vertices[pixel, color], block))
        here = add(here, multiply(share, fill(gains[1])))
    return here


@inlined
def _splat(vertices, weights, values, pixel, block, colors, here):
    """Add what a pixel holds to the vertices of its simplex."""
    for color in range(colors):
        vertex = vertices[pixel, color]
        store(values, vertex, block, add(load(values, vertex, block), multiply(fill(weights[pixel, color]), here)))


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
                    store(values, vertex, block, add(here, multiply(fill(_HALF), beside)))
                store(before, 0, block, here)


@inlined
def _softmax(values, row, members, classes, alone, is_alone, of_group):
    """Replace a row of values by their softmax over the channels of each CRF. of_group (G,) is overwritten."""
    blocks, groups = values.shape[1], len(members)
    for group in range(groups):
        highest = fill(-_BEYOND)
        for block in range(blocks):
            highest = larger(highest, chosen(load(members, group, block), load(values, row, block), fill(-_BEYOND)))
        of_group[group] = -largest(highest)
    for block in range(blocks):
        here = add(load(values, row, block), _dealt(members, of_group, block))
        exponentials = exponential(here)
        if is_alone[block]:
            exponentials = chosen(load(alone, 0, block), nearest_exponential(here), exponentials)
        store(values, row, block, exponentials)
    for group in range(groups):
        of_group[group] = _total(values, row, group * classes, classes)
    for block in range(blocks):
        store(values, row, block, divide(load(values, row, block), _dealt(members, of_group, block)))


@inlined
def _dealt(members, of_group, block):
    """Return for each channel of a block the number of its CRF."""
    here = fill(np.float32(1))
    for group in range(len(members)):
        here = chosen(load(members, group, block), fill(of_group[group]), here)
    return here


@inlined
def _total(values, row, first, classes):
    """Return the sum over a CRF's classes, added as the published program does: eight sums side by side, then the rest.

    Up to four numbers behind the row are read, and left out.
    """
    fours, eights = classes - classes % 4, classes - classes % 8
    sums = fill(np.float32(0))
    for k in range(0, eights, 8):
        sums = add(sums, load_from(values, row, first + k))
    sums = halves_added(sums)
    if fours > eights:
        sums = add(sums, load_from(values, row, first + eights))
    total = total_of_four(sums)
    for channel in range(first + fours, first + classes):
        total += values[row, channel // 8, channel % 8]
    return total


@compiled
def _filtered(vertices, weights, chains, starts, count, gain, given):
    """Return values (N,) filtered on a lattice."""
    pixels, colors = vertices.shape
    values = np.zeros((count, 1, 8), np.float32)
    for pixel in range(pixels):
        for color in range(colors):
            values[vertices[pixel, color], 0, 0] += weights[pixel, color] * given[pixel]
    _blur(values, chains, starts)
    filtered = np.zeros(pixels, np.float32)
    for pixel in range(pixels):
        for color in range(colors):
            filtered[pixel] += weights[pixel, color] * values[vertices[pixel, color], 0, 0] * gain
    return filtered
