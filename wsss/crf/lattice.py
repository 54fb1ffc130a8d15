"""The permutohedral lattice (Adams, Baek & Davis 2010): where pixels lie in it, and which of its vertices are next.

A Gaussian of d features is filtered on the lattice A*_d, whose simplices tile the space. A pixel's values are spread
(splatted) to the d+1 vertices of the simplex that it lies in, blurred along the lattice's d+1 directions, and gathered
(sliced) again. Only the vertices that some pixel touches are there; the others count as zero.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wsss.crf.compiled import compiled, inlined

_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, as in Fibonacci hashing
_ONE, _HALF = np.float32(1), np.float32(0.5)
_RECENT = 2**13  # simplices: as many as stay in the processor's second cache


class Lattice(NamedTuple):
    """N pixels in a lattice of V - 1 vertices, numbered from 1; vertex 0 stands for all that are not there."""

    vertices: np.ndarray  # (N, d+1) int32: of the simplex that a pixel lies in
    weights: np.ndarray  # (N, d+1) float32: barycentric coordinates of the pixel in it, ≥ 0, adding up to 1
    neighbours: np.ndarray  # (d+1, V, 2) int32: the vertices after and before each, along each direction


def build_lattice(image: np.ndarray, widths: tuple[float, ...], most_vertices: int) -> Lattice | None:
    """Return the lattice of an image's pixels, or None if it needs more vertices than `most_vertices`.

    image: (H, W, 3) uint8. widths: the Gaussian's standard deviations along x, y, and, if there are five, r, g, b.
    """
    dimensions = len(widths)
    # Adams et al., sec. 3.1: to a Gaussian of deviation 1 belong simplices of this size, along each axis of E.
    spacing = np.float32(np.sqrt(2 / 3) * (dimensions + 1))
    scales = tuple(np.float32(1 / np.sqrt((i + 1) * (i + 2)) * spacing) for i in range(dimensions))
    return _build(image, tuple(np.float32(width) for width in widths), scales, most_vertices)


@compiled
def _build(image, widths, scales, most_vertices):
    height, width = image.shape[:2]
    d = len(widths)  # a constant in what is compiled, as all loops over it are then written out
    pixels = height * width
    vertices = np.empty((pixels, d + 1), np.int32)
    weights = np.empty((pixels, d + 1), np.float32)
    capacity = 1024  # of vertices; always a power of two
    keys = np.empty((capacity, d), np.int32)  # of each vertex the first d of its d+1 coordinates, which add up to 0
    slots = np.zeros(2 * capacity, np.int32)  # a hash table of vertices; 0 is a free slot
    count = 1
    corner = np.empty(d + 1, np.int32)
    rank = np.empty(d + 1, np.int32)
    elevated = np.empty(d + 1, np.float32)
    key = np.empty(d, np.int32)
    recent = np.full(_RECENT, -1)  # pixels whose simplices were found last, for those that lie in the same ones
    recent_simplices = np.empty((_RECENT, d + 1), np.int32)
    pixel = 0
    for y in range(height):
        for x in range(width):
            _elevate(image, y, x, widths, scales, elevated)
            _find_simplex(d + 1, elevated, corner, rank)
            _barycentric(d + 1, elevated, corner, rank, weights, pixel)
            line, known = _line(d, corner, rank, recent_simplices)
            if known and recent[line] >= 0:
                for color in range(d + 1):
                    vertices[pixel, color] = vertices[recent[line], color]
            else:
                for color in range(d + 1):
                    # The vertex of this color: the corner plus the canonical simplex's (Adams et al., sec. 3.2).
                    for i in range(d):
                        key[i] = corner[i] + color - (d + 1 if rank[i] > d - color else 0)
                    slot = _slot(d, key, keys, slots)
                    if slots[slot] == 0:
                        for i in range(d):
                            keys[count, i] = key[i]
                        slots[slot] = count
                        count += 1
                    vertices[pixel, color] = slots[slot]
                    if count == capacity:
                        if count > most_vertices:
                            return None
                        capacity *= 2
                        keys = _longer(keys)
                        slots = _slots_of(d, keys, count)
            recent[line] = pixel
            pixel += 1
    if count > most_vertices:
        return None
    return Lattice(vertices, weights, _neighbours(d, keys, slots, count))


@inlined
def _elevate(image, y, x, widths, scales, elevated):
    """Put a pixel's features, divided by their widths, on the plane of d+1 coordinates that add up to 0."""
    d = len(widths)
    after = np.float32(0)
    for j in range(d, 0, -1):
        if j == 1:
            feature = np.float32(x)
        elif j == 2:
            feature = np.float32(y)
        else:
            feature = np.float32(image[y, x, j - 3])
        scaled = (feature / widths[j - 1]) * scales[j - 1]
        elevated[j] = after - np.float32(j) * scaled
        after += scaled
    elevated[0] = after


@inlined
def _find_simplex(sides, elevated, corner, rank):
    """Find the simplex of a point: its vertex of color 0, and the order of the differences to it, the largest first."""
    height = 0
    for i in range(sides):
        nearest = np.ceil(elevated[i] * (_ONE / np.float32(sides)) - _HALF)
        corner[i] = np.int32(nearest) * sides
        height += np.int32(nearest)
        rank[i] = 0
    for i in range(sides - 1):
        difference = elevated[i] - np.float32(corner[i])
        for j in range(i + 1, sides):
            if difference < elevated[j] - np.float32(corner[j]):
                rank[i] += 1
            else:
                rank[j] += 1
    for i in range(sides):  # the rounded point may lie beside the plane: back, where it costs least
        rank[i] += height
        if rank[i] < 0:
            rank[i] += sides
            corner[i] += sides
        elif rank[i] >= sides:
            rank[i] -= sides
            corner[i] -= sides


@inlined
def _barycentric(sides, elevated, corner, rank, weights, pixel):
    """Write a point's barycentric coordinates in its simplex, by the color of the vertex (Adams et al., prop. 4.2)."""
    for color in range(sides):
        weights[pixel, color] = 0
    last = np.float32(0)
    for i in range(sides):
        share = (elevated[i] - np.float32(corner[i])) / np.float32(sides)
        weights[pixel, sides - 1 - rank[i]] += share
        if rank[i] > 0:
            weights[pixel, sides - rank[i]] -= share
        else:
            last -= share
    weights[pixel, 0] += np.float32(1) + last


@inlined
def _line(dimensions, corner, rank, simplices):
    """Return the line of `simplices` that a simplex belongs in, and whether it was there; now it is."""
    order = np.int32(0)
    for i in range(dimensions):
        order = order * np.int32(8) + rank[i]
    hashed = np.uint64(np.uint32(order))
    for i in range(dimensions):
        hashed = (hashed + np.uint64(np.uint32(corner[i]))) * _MIX
    line = np.int64(hashed >> np.uint64(32)) & (_RECENT - 1)
    known = simplices[line, dimensions] == order
    simplices[line, dimensions] = order
    for i in range(dimensions):
        known &= simplices[line, i] == corner[i]
        simplices[line, i] = corner[i]
    return line, known


@inlined
def _slot(dimensions, key, keys, slots):
    """Return the slot that holds the vertex of this key, or the free one where it belongs."""
    last = np.uint64(len(slots) - 1)
    hashed = np.uint64(0)
    for i in range(dimensions):
        hashed = (hashed + np.uint64(np.uint32(key[i]))) * _MIX
    slot = (hashed ^ (hashed >> np.uint64(32))) & last
    while slots[slot] != 0:
        same = True
        for i in range(dimensions):
            same &= keys[slots[slot], i] == key[i]
        if same:
            break
        slot = (slot + np.uint64(1)) & last
    return slot


@compiled
def _longer(keys):
    longer = np.empty((2 * keys.shape[0], keys.shape[1]), np.int32)
    longer[: keys.shape[0]] = keys
    return longer


@compiled
def _slots_of(d, keys, count):
    slots = np.zeros(2 * keys.shape[0], np.int32)
    for vertex in range(1, count):
        slots[_slot(d, keys[vertex], keys, slots)] = vertex
    return slots


@compiled
def _neighbours(d, keys, slots, count):
    neighbours = np.zeros((d + 1, count, 2), np.int32)
    key = np.empty(d, np.int32)
    for vertex in range(1, count):
        for direction in range(d + 1):
            for i in range(d):
                key[i] = keys[vertex, i] + 1 - (d + 1 if i == direction else 0)
            after = slots[_slot(d, key, keys, slots)]
            if after != 0:
                neighbours[direction, vertex, 0] = after
                neighbours[direction, after, 1] = vertex
    return neighbours
