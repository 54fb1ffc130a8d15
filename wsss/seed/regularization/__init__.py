"""Regularisations: what the second view is, with which alpha has to agree (paper, section 4.2 and table 8).

Adding one is a file beside these, with a subclass of `Regularization`, and a line in `REGULARIZATIONS`; in
`wsss.config.blocks` its name is a choice of `seed.regularization`, and the keys that it reads are listed.
"""

from wsss.seed.regularization.agreement import agreement
from wsss.seed.regularization.architecture_adjustment import ArchitectureAdjustment
from wsss.seed.regularization.attention_accumulation import AttentionAccumulation
from wsss.seed.regularization.base import Regularization
from wsss.seed.regularization.geometric_transform import GeometricTransform

REGULARIZATIONS = {
    "none": Regularization,
    "gt": GeometricTransform,
    "oaa": AttentionAccumulation,
    "aa": ArchitectureAdjustment,
}

__all__ = [
    "REGULARIZATIONS",
    "ArchitectureAdjustment",
    "AttentionAccumulation",
    "GeometricTransform",
    "Regularization",
    "agreement",
]
