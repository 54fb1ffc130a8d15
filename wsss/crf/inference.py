"""The dense CRF of an image: what is given is checked and laid out for compiled code, and what comes out given back."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from wsss.crf.memory import Memory

if TYPE_CHECKING:
    import torch

    from wsss.crf.mean_field import Kernel

    Array = TypeVar("Array", np.ndarray, torch.Tensor)

SMALLEST_PROBABILITY = 1e-5  # keeps the unary terms finite, as published
_FILLED_UP = -100.0  # the logarithm of a channel that is none: its probability counts as 0
_AT_ONCE = 4096  # pixels whose logarithms stay in the processor's cache
_SHARED = 2**20  # pixels: the Gaussian kernels of images up to this size are kept, for the next image of that size


def dense_crf(
    image: np.ndarray | torch.Tensor,
    probabilities: Array,
    *,
    iterations: int = 10,
    gaussian_sxy: float | tuple[float, float] = 3,
    gaussian_compat: float = 3,
    bilateral_sxy: float | tuple[float, float] = 80,
    bilateral_srgb: float | tuple[float, float, float] = 13,
    bilateral_compat: float = 10,
    memory_limit: float = 4e9,
) -> Array:
    """Return the marginals of a dense CRF by mean field, float32 in the shape of `probabilities`, summing to 1 over K.

    Krähenbühl & Koltun 2011, eq. 3, with symmetrically normalised kernels and Potts compatibility, filtered on
    permutohedral lattices (Adams et al. 2010). docs/dense_crf.md has these arguments beside pydensecrf's.

    Args:
        image: (H, W, 3) uint8 RGB.
        probabilities: (K, H, W) in [0, 1], K ≥ 1, of which the logarithms are the unary terms; what is less than 1e-5
            counts as 1e-5, and they need not sum to 1. Or (G, K, H, W): G CRFs of the image, which share its kernels
            and are filtered together. numpy or torch, on any device.
        iterations: steps of mean field; 0 gives the normalised probabilities.
        gaussian_sxy, bilateral_sxy: standard deviations in pixels, one number or (x, y).
        bilateral_srgb: standard deviations in grey levels, one number or (r, g, b).
        gaussian_compat, bilateral_compat: weights of the kernels, ≥ 0; 0 switches one off.
        memory_limit: bytes, of `probabilities` and all that the CRF makes. What needs more is refused beforehand.

    Returns:
        A numpy array or a tensor on the device of `probabilities`; a pixel's channels lie side by side in memory.

    Raises:
        ValueError: of shapes that do not fit, NaN, or parameters out of range.
        MemoryError: of an image that needs more than `memory_limit`; the message says what size does not.
    """
    image = _as_array(image)
    scores: np.ndarray = _as_array(probabilities)
    spatial = _widths("gaussian_sxy", gaussian_sxy, 2)
    bilateral = _widths("bilateral_sxy", bilateral_sxy, 2) + _widths("bilateral_srgb", bilateral_srgb, 3)
    if not (iterations >= 0 and 0 <= gaussian_compat < np.inf and 0 <= bilateral_compat < np.inf):
        raise ValueError(
            f"{iterations} iterations, weights {gaussian_compat} and {bilateral_compat}: give none below 0"
        )
    groups: np.ndarray = scores if scores.ndim == 4 else scores[None]
    if groups.ndim != 4 or 0 in groups.shape:
        raise ValueError(f"probabilities {scores.shape} are not (K, H, W) or (G, K, H, W), none of them 0")
    if image.shape != (*groups.shape[2:], 3) or image.dtype != np.uint8:
        raise ValueError(f"image {image.shape} {image.dtype} is not (H, W, 3) uint8 of probabilities {scores.shape}")
    if groups.shape[1] == 1:  # a single class is certain
        if not np.isfinite(groups).all():
            raise ValueError("probabilities hold NaN or infinity")
        marginals = np.ones(groups.shape, np.float32)
    else:
        prepare()
        compatibilities = gaussian_compat, bilateral_compat
        marginals = _infer(image, groups, iterations, spatial, bilateral, compatibilities, memory_limit)
    marginals = marginals.reshape(scores.shape) if scores.ndim == 4 else marginals[0]
    if isinstance(probabilities, np.ndarray):
        return marginals
    import torch

    return torch.from_numpy(marginals).to(probabilities.device)


@cache
def prepare() -> None:
    """Compile the CRF, or load what an earlier run compiled: to be called before processes start that all need it."""
    from wsss.crf.compiled import compiling

    with compiling():
        image, probabilities = np.zeros((1, 2, 3), np.uint8), np.full((1, 2, 1, 2), 0.5, np.float32)
        _infer(image, probabilities, 1, (1.0, 1.0), (1.0,) * 5, (1.0, 1.0), np.inf)


def _as_array(values: np.ndarray | torch.Tensor) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else values.detach().cpu().numpy()


def _widths(name: str, given: float | tuple[float, ...], count: int) -> tuple[float, ...]:
    widths = tuple(map(float, given)) if isinstance(given, tuple | list | np.ndarray) else (float(given),) * count
    if len(widths) != count or not all(0 < width < np.inf for width in widths):
        raise ValueError(f"{name} {given}: give one number above 0, or {count}")
    return widths


def _infer(
    image: np.ndarray,
    probabilities: np.ndarray,
    iterations: int,
    spatial: tuple[float, ...],
    bilateral: tuple[float, ...],
    compatibilities: tuple[float, float],
    memory_limit: float,
) -> np.ndarray:
    """Return the marginals (G, K, H, W); see `dense_crf`."""
    from wsss.crf.lattice import build_lattice
    from wsss.crf.mean_field import Energy, mean_field, normalized

    groups, classes, height, width = probabilities.shape
    size, channels = (height, width), groups * classes
    memory = Memory(size, channels, memory_limit)
    smooth = _gaussian_kernel(size, spatial, memory.vertices(2))
    if smooth is None:
        raise MemoryError(memory.refusal())
    memory = memory.without(smooth.lattice.count, 2)
    image = np.require(image, np.uint8, ["C", "W"])  # a read-only array would be compiled for anew
    alike = build_lattice(image, bilateral, memory.vertices(5))
    if alike is None:
        raise MemoryError(memory.refusal())
    energy = Energy(_logarithms(probabilities.reshape(channels, -1)), _members(groups, classes), classes)
    mean_field(energy, smooth, normalized(alike), compatibilities, iterations)
    marginals = energy.logarithms.reshape(height, width, -1)[..., :channels]
    return marginals.reshape(height, width, groups, classes).transpose(2, 3, 0, 1)


def _gaussian_kernel(size: tuple[int, int], widths: tuple[float, ...], most_vertices: int) -> Kernel | None:
    """Return the kernel that depends on nothing but the size; None if its lattice is too large."""
    if size[0] * size[1] > _SHARED:
        return _new_gaussian_kernel.__wrapped__(size, widths, most_vertices)
    kernel = _new_gaussian_kernel(size, widths)
    return kernel if kernel is not None and kernel.lattice.count <= most_vertices else None


@lru_cache(maxsize=8)
def _new_gaussian_kernel(
    size: tuple[int, int], widths: tuple[float, ...], most_vertices: int = 2**31 - 1
) -> Kernel | None:
    from wsss.crf.lattice import build_lattice
    from wsss.crf.mean_field import normalized

    lattice = build_lattice(np.zeros((*size, 3), np.uint8), widths, most_vertices)
    return None if lattice is None else normalized(lattice)


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    """Return the logarithms of probabilities (C, N) with channels side by side and filled up, (N, B, 8) float32."""
    channels, pixels = probabilities.shape
    logarithms = np.empty((pixels, -(-channels // 8) * 8), np.float32)
    for start in range(0, pixels, _AT_ONCE):
        some = np.asarray(probabilities[:, start : start + _AT_ONCE], np.float32)
        if not np.isfinite(some).all():
            raise ValueError("probabilities hold NaN or infinity")
        logarithms[start : start + _AT_ONCE, :channels] = np.log(np.clip(some, SMALLEST_PROBABILITY, 1)).T
    logarithms[:, channels:] = _FILLED_UP
    return logarithms.reshape(pixels, -1, 8)


def _members(groups: int, classes: int) -> np.ndarray:
    """Return which channels belong to which CRF, (G, B, 8) float32 of 0 and 1."""
    members = np.zeros((groups, -(-groups * classes // 8) * 8), np.float32)
    for group in range(groups):
        members[group, group * classes : (group + 1) * classes] = 1
    return members.reshape(groups, -1, 8)
