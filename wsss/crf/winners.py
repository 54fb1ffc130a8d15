"""Classes that a dense CRF need not look at, because they cannot win."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wsss.crf.inference import SMALLEST_PROBABILITY

if TYPE_CHECKING:
    from torch import Tensor

# A symmetrically normalised kernel's rows need not sum to 1. benchmarks/crf_agreement.py prints the largest sum that it
# meets: below 1.4 on photos. Nothing proves that no image goes further, so there is room.
LARGEST_ROW_SUM = 2.0
NEGLIGIBLE = 0.01  # a marginal


def possible_winners(probabilities: Tensor, weight: float, iterations: int) -> Tensor:
    """Return those of the classes 0…K-1 whose marginals may ever exceed 0.01 somewhere in a dense CRF, (N,) int64.

    Let q be the largest marginal that a class has anywhere. Its messages are at most weight · row sum · q, the best
    other class's at least 0, and so its largest marginal after another step is at most r · exp(weight · row sum · q),
    r being the largest ratio anywhere of its probability to that of the pixel's best class. From q = r on, this says
    for each step what a class cannot exceed. One that stays below 0.01 to the end wins no pixel; what it would have had
    of the others' marginals, less than 1 %, may turn pixels where two are that near (docs/dense_crf.md).

    Args:
        probabilities: (K, H, W) as for `dense_crf`.
        weight: of both kernels together: gaussian_compat + bilateral_compat.
        iterations: steps of mean field.
    """
    import torch

    best = probabilities.amax(0).clamp_(SMALLEST_PROBABILITY, 1)
    product, inverse = torch.empty_like(best), 1 / best  # one class after the other, for the sake of memory
    ratio = torch.stack([torch.mul(one, inverse, out=product).amax() for one in probabilities]).double()
    ratio = ratio.maximum(SMALLEST_PROBABILITY / best.amin())  # NaN stays NaN, and its class, to be refused
    largest = ratio
    for _ in range(iterations):
        largest = ratio * torch.exp(weight * LARGEST_ROW_SUM * largest.clamp(max=1))
    return torch.nonzero(~(largest <= NEGLIGIBLE))[:, 0]
