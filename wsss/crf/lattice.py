"""The permutohedral lattice (Adams, Baek & Davis 2010): where pixels lie in it, and which of its vertices follow which.

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
    """N pixels in a lattice of V - 1 vertices, numbered from 1; vertex 0 stands for all that are not there.

    Vertices that follow each other along a direction form a chain. What is blurred along it goes from one to the next;
    a vertex alone is in none, as blurring leaves it what it is. On photos, narrow kernels leave most of them alone.
    """

    vertices: np.ndarray  # (N, d+1) int32: of the simplex that a pixel lies in
    weights: np.ndarray  # (N, d+1) float32: barycentric coordinates of the pixel in it, ≥ 0, adding up to 1
    chains: np.ndarray  # (L,) int32: vertices in the order of their chain, a 0 before the first and after each chain
    starts: np.ndarray  # (d+2,) int64: where in `chains` those of each direction begin, with that 0, and the end
    count: int  # V


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
    capacity = 2**16  # of vertices; always a power of two
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
    chains, starts = _chains(d, keys, slots, count)
    return Lattice(vertices, weights, chains, starts, count)


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
def _chains(d, keys, slots, count):
    """Return the chains of each direction, and where they start (see `Lattice`)."""
    key = np.empty(d, np.int32)
    chains = np.zeros(1024, np.int32)
    starts = np.zeros(d + 2, np.int64)
    end = 0
    for direction in range(d + 1):
        after = np.zeros(count, np.int32)
        is_first = np.ones(count, np.bool_)
        for vertex in range(1, count):
            for i in range(d):
                key[i] = keys[vertex, i] + 1 - (d + 1 if i == direction else 0)
            after[vertex] = slots[_slot(d, key, keys, slots)]
            is_first[after[vertex]] = False
        if end + 3 * count // 2 + 2 > len(chains):  # chains of two, each with a 0, are the longest that there can be
            longer = np.zeros(end + 3 * count // 2 + 2, np.int32)
            longer[:end] = chains[:end]
            chains = longer
        starts[direction] = end
        chains[end] = 0
        end += 1
        for first in range(1, count):
            if is_first[first] and after[first] != 0:
                vertex = np.int32(first)
                while vertex != 0:
                    chains[end] = vertex
                    end += 1
                    vertex = after[vertex]
                chains[end] = 0
                end += 1
    starts[d + 1] = end
    return chains[:end].copy(), starts
