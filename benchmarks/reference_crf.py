"""The dense CRF by pydensecrf2, the published library: what ours is compared with. Not installed, it is left out."""

from __future__ import annotations

import numpy as np

from wsss.crf.inference import SMALLEST_PROBABILITY

try:
    import pydensecrf.densecrf as densecrf
except ImportError:
    densecrf = None

PSA = {  # AffinityNet's two CRFs; the defaults of `dense_crf`
    "iterations": 10,
    "gaussian_sxy": 3,
    "gaussian_compat": 3,
    "bilateral_sxy": 80,
    "bilateral_srgb": 13,
    "bilateral_compat": 10,
}
VAL = PSA | {"gaussian_sxy": 4, "bilateral_sxy": 83, "bilateral_srgb": 5, "bilateral_compat": 3}  # the paper's, on val
DEEPLAB = PSA | {"gaussian_sxy": 1, "bilateral_sxy": 67, "bilateral_srgb": 3, "bilateral_compat": 4}
PARAMETERS = {"PSA": PSA, "val": VAL, "67/3/1": DEEPLAB}


def by_pydensecrf(image: np.ndarray, probabilities: np.ndarray, settings: dict) -> np.ndarray:
    """Return what `dense_crf` does: the marginals (K, H, W) float32 of probabilities (K, H, W)."""
    count, height, width = probabilities.shape
    crf = densecrf.DenseCRF2D(width, height, count)
    crf.addPairwiseGaussian(sxy=settings["gaussian_sxy"], compat=settings["gaussian_compat"])
    crf.addPairwiseBilateral(
        sxy=settings["bilateral_sxy"],
        srgb=settings["bilateral_srgb"],
        rgbim=np.require(image, requirements=["C", "W"]),
        compat=settings["bilateral_compat"],
    )
    unary = -np.log(np.clip(probabilities, SMALLEST_PROBABILITY, 1)).reshape(count, -1)
    crf.setUnaryEnergy(np.ascontiguousarray(unary, np.float32))
    return np.array(crf.inference(settings["iterations"])).reshape(probabilities.shape)
