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
_UPPER = np.uint64(32)
_ONE = np.float32(1)
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
    Raises ValueError if the widths are so narrow that the vertices cannot be numbered.
    """
    scaled, extents = _scaled_features(image.shape[:2], widths)
    factors, moves = _numbering(extents)
    if factors is None:
        raise ValueError(
            f"widths {widths} are too narrow for {image.shape[1]}×{image.shape[0]} pixels; give larger ones"
        )
    return _build(image, scaled, factors, moves, most_vertices)


def _scaled_features(size: tuple[int, int], widths: tuple[float, ...]) -> tuple[np.ndarray, list[float]]:
    """Return what each value of a feature is on the lattice's scale, (d, values) float32, and the largest of each."""
    d = len(widths)
    largest = (size[1] - 1, size[0] - 1, 255, 255, 255)[:d]
    # Adams et al., sec. 3.1: to a Gaussian of deviation 1 belong simplices of this size, along each axis of E.
    spacing = np.float32(np.sqrt(2 / 3) * (d + 1))
    scales = [np.float32(1 / np.sqrt((i + 1) * (i + 2)) * spacing) for i in range(d)]
    values = np.arange(max(largest) + 1, dtype=np.float32)
    scaled = np.stack([values / np.float32(width) * scale for width, scale in zip(widths, scales, strict=True)])
    return scaled, [float(row[last]) for row, last in zip(scaled, largest, strict=True)]


def _numbering(extents: list[float]) -> tuple[tuple[np.uint64, ...] | None, np.ndarray]:
    """Return how vertices are numbered in 64 bits: by factors of their coordinates; and by moves along the directions.

    A vertex of color k has coordinates v_i = (d+1) c_i + k with whole c_i that add up to -k. So v_d and the whole
    numbers (v_i - v_{i-1}) / (d+1) = c_i - c_{i-1} for i = 2…d say which one it is; on an image, the former depends on
    the last feature alone and each of the latter on two, which keeps them small. They are the digits of its key, as in
    a number whose digits have a base each. So the key of a vertex of color 0 is a sum of factors times c_i, and a move
    along direction j, v + 1 - (d+1) e_j, adds the same to every key. None if 64 bits are too few, or 32 for a
    coordinate.
    """
    d = len(extents)
    above = 4  # what is touched beside the image: a simplex, and what is next to it
    s = [
        0.0,
        *extents,
    ]  # coordinate i of a pixel is the sum of the features after i less i times its own: see `_elevate`
    bases = [int(d * s[d]) + above * (d + 1)]
    bases += [int(((i - 1) * s[i - 1] + (i + 1) * s[i]) / (d + 1)) + above for i in range(2, d + 1)]
    digits = [1]
    for base in bases:
        digits.append(digits[-1] * base)
    if digits[-1] >= 2**64 or (d + 1) * (sum(s) + d * max(s)) >= 2**31:
        return None, np.zeros(0, np.uint64)
    one, *others = digits[:-1]
    of = [0, 0, *others, 0]  # of c_i - c_{i-1}
    factors = [of[i] - of[i + 1] for i in range(d + 1)]
    factors[d] += (d + 1) * one
    return (
        tuple(np.uint64(factor % 2**64) for factor in factors),
        np.array([(one - factor) % 2**64 for factor in factors], np.uint64),
    )


@compiled
def _build(image, scaled, factors, moves, most_vertices):
    height, width = image.shape[:2]
    sides = len(factors)  # d + 1: a constant in what is compiled, as all loops over it are then written out
    pixels = height * width
    vertices = np.empty((pixels, sides), np.int32)
    weights = np.empty((pixels, sides), np.float32)
    capacity = 2**16  # of vertices; always a power of two
    keys = np.empty(capacity, np.uint64)
    slots = np.zeros(2 * capacity, np.int32)  # a hash table of vertices; 0 is a free slot
    count = 1
    corner = np.empty(sides, np.int32)
    rank = np.empty(sides, np.int32)
    ranked = np.empty(sides, np.int32)
    elevated = np.empty(sides, np.float32)
    recent = np.full(_RECENT, -1)  # pixels whose simplices were found last, for those that lie in the same ones
    recent_keys = np.empty(_RECENT, np.uint64)
    recent_orders = np.empty(_RECENT, np.int32)
    pixel = 0
    for y in range(height):
        for x in range(width):
            _elevate(image, y, x, scaled, sides - 1, elevated)
            _find_simplex(sides, elevated, corner, rank)
            _barycentric(sides, elevated, corner, rank, weights, pixel)
            key, order = np.uint64(0), np.int32(0)
            for i in range(sides):
                key += factors[i] * np.uint64(np.int64(corner[i]))
                order = order * np.int32(8) + rank[i]
            line = np.int64(((key + np.uint64(np.int64(order))) * _MIX) >> _UPPER) & (_RECENT - 1)
            if recent[line] >= 0 and recent_keys[line] == key and recent_orders[line] == order:
                for color in range(sides):
                    vertices[pixel, color] = vertices[recent[line], color]
            else:
                recent_keys[line], recent_orders[line] = key, order
                for i in range(sides):
                    ranked[rank[i]] = i
                for color in range(sides):
                    # From color to color along the directions, the smallest difference first (Adams et al., sec. 3.2).
                    if color > 0:
                        key += moves[ranked[sides - color]]
                    slot = _slot(key, keys, slots)
                    if slots[slot] == 0:
                        keys[count] = key
                        slots[slot] = count
                        count += 1
                    vertices[pixel, color] = slots[slot]
                    if count == capacity:
                        if count > most_vertices:
                            return None
                        capacity *= 2
                        keys = _longer(keys)
                        slots = _slots_of(keys, count)
            recent[line] = pixel
            pixel += 1
    if count > most_vertices:
        return None
    chains, starts = _chains(moves, keys, slots, count)
    return Lattice(vertices, weights, chains, starts, count)


@inlined
def _elevate(image, y, x, scaled, d, elevated):
    """Put a pixel's features on the plane of d+1 coordinates that add up to 0."""
    after = np.float32(0)
    for j in range(d, 0, -1):
        if j == 1:
            here = scaled[0, x]
        elif j == 2:
            here = scaled[1, y]
        else:
            here = scaled[j - 1, image[y, x, j - 3]]
        elevated[j] = after - np.float32(j) * here
        after += here
    elevated[0] = after


@inlined
def _find_simplex(sides, elevated, corner, rank):
    """Find the simplex of a point: its vertex of color 0, and the order of the differences to it, the largest first.

    corner: the vertex's coordinates divided by d+1, which are whole.
    """
    height = 0
    for i in range(sides):
        corner[i] = np.int32(np.rint(elevated[i] * (_ONE / np.float32(sides))))
        height += corner[i]
        rank[i] = 0
    for i in range(sides - 1):
        difference = elevated[i] - np.float32(corner[i] * sides)
        for j in range(i + 1, sides):
            if difference < elevated[j] - np.float32(corner[j] * sides):
                rank[i] += 1
            else:
                rank[j] += 1
    for i in range(sides):  # the rounded point may lie beside the plane: back, where it costs least
        rank[i] += height
        if rank[i] < 0:
            rank[i] += sides
            corner[i] += 1
        elif rank[i] >= sides:
            rank[i] -= sides
            corner[i] -= 1


@inlined
def _barycentric(sides, elevated, corner, rank, weights, pixel):
    """Write a point's barycentric coordinates in its simplex, by the color of the vertex (Adams et al., prop. 4.2)."""
    for color in range(sides):
        weights[pixel, color] = 0
    last = np.float32(0)
    for i in range(sides):
        share = (elevated[i] - np.float32(corner[i] * sides)) * (_ONE / np.float32(sides))
        weights[pixel, sides - 1 - rank[i]] += share
        if rank[i] > 0:
            weights[pixel, sides - rank[i]] -= share
        else:
            last -= share
    weights[pixel, 0] += np.float32(1) + last


@inlined
def _slot(key, keys, slots):
    """Return the slot that holds the vertex of this key, or the free one where it belongs."""
    last = np.int64(len(slots) - 1)
    slot = np.int64((key * _MIX) >> _UPPER) & last
    while slots[slot] != 0 and keys[slots[slot]] != key:
        slot = (slot + 1) & last
    return slot


@compiled
def _longer(keys):
    longer = np.empty(2 * len(keys), np.uint64)
    longer[: len(keys)] = keys
    return longer


@compiled
def _slots_of(keys, count):
    slots = np.zeros(2 * len(keys), np.int32)
    for vertex in range(1, count):
        slots[_slot(keys[vertex], keys, slots)] = vertex
    return slots


@compiled
def _chains(moves, keys, slots, count):
    """Return the chains of each direction, and where they start (see `Lattice`)."""
    chains = np.zeros(1024, np.int32)
    starts = np.zeros(len(moves) + 1, np.int64)
    end = 0
    for direction in range(len(moves)):
        after = np.zeros(count, np.int32)
        is_first = np.ones(count, np.bool_)
        for vertex in range(1, count):
            after[vertex] = slots[_slot(keys[vertex] + moves[direction], keys, slots)]
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
    starts[len(moves)] = end
    return chains[:end].copy(), starts
