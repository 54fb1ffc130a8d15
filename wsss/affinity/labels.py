"""What AffinityNet learns from: which pairs of positions surely share a class, and which surely do not."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F

from wsss.affinity.pairs import pair_values
from wsss.files import VOID


class PairLabels(NamedTuple):
    """Disjoint sets of pairs, each (B, P, M) bool; a pair with a void position is in none of them."""

    bg_positive: torch.Tensor
    fg_positive: torch.Tensor
    negative: torch.Tensor


def labels_at_stride(labels: torch.Tensor, stride: int) -> torch.Tensor:
    """Average confident labels (B, H, W) uint8 down to (B, ceil(H/stride), ceil(W/stride)) uint8.

    A position keeps the label that covers more than half of its stride×stride pixels, and is void (255) without one:
    PSA averages the scores and takes the argmax for and against the background, so unsure pixels outvote sure ones
    there, too. Blocks cut by the right or lower edge count the pixels that they have.
    """
    result = torch.full_like(F.avg_pool2d(labels.float(), stride, ceil_mode=True), VOID, dtype=torch.uint8)
    for value in labels.unique().tolist():
        share = F.avg_pool2d((labels == value).float(), stride, ceil_mode=True, count_include_pad=False)
        result[share > 0.5] = value
    return result


def pair_labels(labels: torch.Tensor, radius: int) -> PairLabels:
    """Return the pairs within `radius` of labels (B, h, w) uint8 at the features' size that teach the affinity.

    `bg_positive`: both are background (0); `fg_positive`: both are of one foreground class; `negative`: their classes
    differ. Positions of 255 (not sure) are left out. PSA, section 3.3.
    """
    label_from, label_to = pair_values(labels, radius)
    sure = (label_from != VOID) & (label_to != VOID)
    same = sure & (label_from == label_to)
    background = label_from == 0
    return PairLabels(same & background, same & ~background, sure & ~same)
