"""The spatial activation distribution alpha (paper, eq. 7)."""

from __future__ import annotations

import torch
from torch import Tensor


def log_alpha(z: Tensor, background_logit: float) -> Tensor:
    """Return log alpha (B, C+1, h, w), background last, of activations z (B, C, h, w), in float32.

    Eq. 7: the softmax over classes of z with one more channel of a constant logit. The logarithm is what the
    losses need, and unlike log(softmax) it is finite for activations of any size.
    """
    background = torch.full_like(z[:, :1], background_logit, dtype=torch.float32)
    return torch.cat([z.float(), background], dim=1).log_softmax(dim=1)
