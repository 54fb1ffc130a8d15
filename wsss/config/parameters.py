"""All parameters of one experiment."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from wsss.config.blocks import (
    Affinity,
    AffinityLabels,
    Compare,
    Data,
    Extract,
    Mask,
    Predict,
    Seed,
    Segmentation,
    Tables,
)


class Parameters(BaseModel):
    """Every parameter of one experiment, resolved (`wsss.config.resolve`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    data: Data
    seed: Seed
    extract: Extract
    affinity_labels: AffinityLabels
    affinity: Affinity
    mask: Mask
    segmentation: Segmentation
    predict: Predict
    compare: Compare
    tables: Tables

    def blocks(self, names: tuple[str, ...]) -> dict[str, object]:
        """Return the named blocks as plain values, for a record or a comparison, without those that are None.

        So a new key that has no effect here changes nothing that is compared, and nothing has to be made again.
        """
        return {name: getattr(self, name).model_dump(exclude_none=True) for name in names}

    def plain(self) -> dict[str, object]:
        """Return all parameters as plain values, without those that are None."""
        return self.model_dump(exclude_none=True)
