"""Spreads class maps along affinities: the random walk of PSA, without its dense matrix."""

from __future__ import annotations

import math
import warnings
from functools import cache

import torch

from wsss.affinity.pairs import pair_offsets, pair_regions


def with_background(maps: torch.Tensor, alpha: float) -> torch.Tensor:
    """Put the background's score (1 - max over classes)^alpha before maps (K, h, w) in [0, 1]: (K+1, h, w).

    Without any class, K = 0, the background's score is 1.
    """
    largest = maps.amax(0, keepdim=True) if len(maps) else maps.new_zeros(1, *maps.shape[1:])
    return torch.cat([(1 - largest).clamp(min=0) ** alpha, maps])


@torch.no_grad()
def random_walk(cam: torch.Tensor, affinity: torch.Tensor, radius: int, beta: float, log_t: int) -> torch.Tensor:
    """Return cam · T^(2^log_t), (K, h, w) like `cam`, where T = A^beta divided by its column sums (PSA, eqs. 3 and 4).

    cam: (K, h, w), any number of maps, the background's among them if it is to walk.
    affinity: (P, M) for the pairs within `radius` of an h×w map, see `pairs.affinity`; A is symmetric and has a unit
        diagonal. On the device of `cam`.

    T has at most 2P+1 entries a column. Its 256th power is dense, and the published code forms it; here T meets
    nothing but the maps. T is similar to a symmetric matrix with eigenvalues in [-1, 1], where z^n is a short sum of
    Chebyshev polynomials: with products T_k(T) by their recurrence, about 100 steps do exactly what 256 would.
    """
    # In float32 a position that hardly shares would lose or gain 6e-8 at each of 256 steps: more than the 1e-5 wanted.
    height, width = cam.shape[-2:]
    step = _step_matrix(affinity.double(), (height, width), radius, beta)
    first, *others = power_in_chebyshev(2**log_t)
    before = cam.double().flatten(1).T.contiguous()  # (h·w, K): the few maps side by side
    now = step @ before
    walked = first * before
    for coefficient in others:
        walked.add_(now, alpha=coefficient)
        before, now = now, torch.addmm(before, step, now, beta=-1, alpha=2)
    return walked.T.reshape(cam.shape).to(cam.dtype)


def _step_matrix(affinity: torch.Tensor, size: tuple[int, int], radius: int, beta: float) -> torch.Tensor:
    """Return the transpose of T, (h·w, h·w) in CSR form: row j holds what position j takes over from which position."""
    height, width = size
    origin, neighbours = pair_regions(height, width, radius)
    rows, columns = (region.stop - region.start for region in origin)
    if affinity.shape != (len(neighbours), rows * columns):
        raise ValueError(f"affinity {tuple(affinity.shape)} is not of pairs within {radius} on a {height}×{width} map")
    strength = (affinity**beta).view(len(neighbours), rows, columns)
    weights = affinity.new_zeros(2 * len(neighbours) + 1, height, width)
    weights[0] = 1
    steps = [0]
    for p, (region, (dy, dx)) in enumerate(zip(neighbours, pair_offsets(radius), strict=True)):
        weights[2 * p + 1][origin] = strength[p]
        weights[2 * p + 2][region] = strength[p]
        steps += [dy * width + dx, -dy * width - dx]
    weights = (weights / weights.sum(0)).flatten(1).T
    linked = ~(weights < torch.finfo(weights.dtype).tiny)  # zeros need no work, and NaN should not be lost
    # 32-bit indices, because MKL wants them and would be given a converted copy at every step
    sources = torch.arange(height * width, device=weights.device, dtype=torch.int32)[:, None]
    sources = sources + torch.tensor(steps, device=weights.device, dtype=torch.int32)
    starts = torch.zeros(height * width + 1, device=weights.device, dtype=torch.int32)
    starts[1:] = linked.sum(1).cumsum(0)
    shape = (height * width, height * width)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta state")
        return torch.sparse_csr_tensor(starts, sources[linked], weights[linked], shape, check_invariants=False)


@cache
def power_in_chebyshev(exponent: int, tolerance: float = 1e-8) -> tuple[float, ...]:
    """Return c_0, c_1, … with z^exponent = sum_k c_k T_k(z) on [-1, 1] up to `tolerance`, at least two of them.

    c_k = 2^(1-n)·binomial(n, (n-k)/2) for k of the parity of n, half of that for k = 0: the probabilities of a walk
    of n steps on the line. Far distances are so improbable that about sqrt(2 n log(2/tolerance)) terms do. The rest is
    shared out, so that the coefficients add up to 1 and the walk neither gains nor loses.
    """
    n = exponent
    coefficients = [0.0] * (n + 1)
    for k in range(n % 2, n + 1, 2):
        log_binomial = math.lgamma(n + 1) - math.lgamma((n - k) / 2 + 1) - math.lgamma((n + k) / 2 + 1)
        coefficients[k] = math.exp(log_binomial + ((k > 0) - n) * math.log(2))
    rest = 0.0
    while len(coefficients) > 2 and rest + coefficients[-1] < tolerance:
        rest += coefficients.pop()
    total = sum(coefficients)
    return tuple(c / total for c in coefficients)
