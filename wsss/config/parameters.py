"""All parameters of one experiment."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from wsss.config.blocks import (
    Affinity,
    AffinityLabels,
    Compare,
    Data,
    Extract,
    Jobs,
    Mask,
    Predict,
    Seed,
    Segmentation,
    Tables,
    Watch,
)
from wsss.config.foreign import ForeignEntry
from wsss.config.paths import expand_path


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
    jobs: Jobs = Jobs()
    watch: Watch = Watch()
    foreign: dict[str, ForeignEntry] | None = None  # those that `extract.from` and `mask.from` name

    def foreign_entry(self, source: str | None) -> ForeignEntry:
        """Return the folder that a block's `from` names."""
        assert self.foreign is not None and source is not None  # it holds all that are named
        return self.foreign[source]

    def foreign_path(self, source: str | None) -> tuple[Path, str | None]:
        """Return where the folder lies that a block's `from` names, and how its files count, if the user says so."""
        entry = self.foreign_entry(source)
        return expand_path(entry.folder, f"foreign.{source}"), entry.numbering

    def blocks(self, names: tuple[str, ...]) -> dict[str, object]:
        """Return the named blocks as plain values, for a record or a comparison, without those that are None.

        So a new key that has no effect here changes nothing that is compared, and nothing has to be made again.
        """
        return {name: getattr(self, name).model_dump(exclude_none=True) for name in names}

    def plain(self) -> dict[str, object]:
        """Return all parameters that results depend on as plain values, without those that are None."""
        return self.model_dump(exclude_none=True, exclude={"jobs", "watch"})
