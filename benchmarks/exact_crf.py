"""The dense CRF in float64, slowly: of two float32 programs that differ, which one is nearer."""

from __future__ import annotations

import numpy as np

from wsss.crf.inference import SMALLEST_PROBABILITY
from wsss.crf.lattice import Lattice, build_lattice


class _Kernel:
    """A symmetrically normalised kernel: splat, blur, slice."""

    def __init__(self, lattice: Lattice):
        self.lattice, self.weights = lattice, lattice.weights.astype(np.float64)
        self.gain = 1 / (1 + 2.0 ** -(lattice.vertices.shape[1] - 1))
        self.factors = np.ones(len(self.weights))
        self.factors = 1 / np.sqrt(self(np.ones((1, len(self.weights))))[0] + 1e-20)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Filter (K, N)."""
        return np.stack([self._filtered(one * self.factors) * self.factors for one in values])

    def _filtered(self, values: np.ndarray) -> np.ndarray:
        vertices, chains, starts = self.lattice.vertices, self.lattice.chains, self.lattice.starts
        spread = np.bincount(vertices.ravel(), (self.weights * values[:, None]).ravel(), self.lattice.count)
        for first, end in zip(starts[:-1], starts[1:], strict=True):
            spread[0] = 0
            chain = chains[first:end]
            inner = chain[1:-1]
            blurred = spread[inner] + (spread[chain[:-2]] + spread[chain[2:]]) / 2
            spread[inner] = blurred
        spread[0] = 0
        return self.gain * (self.weights * spread[vertices]).sum(1)


def exact_crf(image: np.ndarray, probabilities: np.ndarray, settings: dict) -> np.ndarray:
    """Return what `dense_crf` would give without rounding: marginals (K, H, W) float64; its arguments as one."""
    spatial, color = (float(settings["bilateral_sxy"]),) * 2, (float(settings["bilateral_srgb"]),) * 3
    widths = (float(settings["gaussian_sxy"]),) * 2, spatial + color
    kernels = [_Kernel(build_lattice(np.ascontiguousarray(image), one, 2**31 - 1)) for one in widths]
    compatibilities = settings["gaussian_compat"], settings["bilateral_compat"]
    unary = np.log(np.clip(probabilities.astype(np.float64), SMALLEST_PROBABILITY, 1)).reshape(len(probabilities), -1)
    marginals = _softmax(unary)
    for _ in range(settings["iterations"]):
        messages = [weight * kernel(marginals) for weight, kernel in zip(compatibilities, kernels, strict=True)]
        marginals = _softmax(unary + sum(messages))
    return marginals.reshape(probabilities.shape)


def _softmax(logarithms: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logarithms - logarithms.max(0))
    return exponentials / exponentials.sum(0)
