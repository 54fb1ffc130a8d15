"""The block `data`: where a data set comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from wsss.config.block import NOT_GIVEN, Block, Count, WhereUsed, Whole
from wsss.config.choices import LAYOUTS


class Splits(Block):
    """Which list of images each step uses (names of files in `data/{dataset}/splits/`)."""

    train: str  # image-level labels only: seeds, masks and both later trainings
    evaluate: str  # images with true masks on which seeds and masks are measured
    val: str
    test: str | None


if TYPE_CHECKING:
    LayoutName = str
else:
    LayoutName = Literal[tuple(LAYOUTS)]


SceneSplit = Literal["train", "val", "test"]


class Data(Block):
    """Where a data set comes from, by its layout (`wsss.config.choices.LAYOUTS`).

    A layout that takes `sources` is fetched, unless `root` names a folder that holds the data.
    """

    layout: LayoutName
    splits: Splits
    root: str | None = None  # a folder, or $VARIABLE
    sources: str | None = None  # a name in workflow/sources.yaml: what is fetched where there is no root
    archives: str | None = None  # a folder that has (some of) these archives already; null: archives/
    annotations: WhereUsed[dict[str, str]] = NOT_GIVEN  # {split: JSON file below root}
    photos: dict[str, str] | None = None  # {split: folder of its photos below root}; null: found by name
    counts: dict[str, Count] | None = None  # {split: number of images it must have}; null: any
    classes: list[str] | None = None
    image_size: WhereUsed[Annotated[int, Field(ge=32)]] = NOT_GIVEN
    scenes: WhereUsed[dict[SceneSplit, Count]] = NOT_GIVEN
    random_seed: WhereUsed[Whole] = NOT_GIVEN

    @model_validator(mode="after")
    def _keys_fit_the_layout(self) -> Data:
        needed, optional = set(LAYOUTS[self.layout].needs), set(LAYOUTS[self.layout].keys)
        given = {key for key, value in self if value is not None} - {"layout", "splits"}
        if missing := sorted(needed - given):
            raise ValueError(f"layout {self.layout!r} needs {', '.join(missing)}")
        if wrong := sorted(given - needed - optional):
            takes = ", ".join(sorted(needed | optional))
            raise ValueError(f"layout {self.layout!r} takes {takes}, and not {', '.join(wrong)}")
        if "sources" in optional and self.root is None and self.sources is None:
            raise ValueError(f"layout {self.layout!r} needs root (a folder) or sources (in workflow/sources.yaml)")
        return self
