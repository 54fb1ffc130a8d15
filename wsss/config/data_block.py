"""The block `data`: where a data set comes from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wsss.config.block import Block, Count, Whole


class Splits(Block):
    """Which list of images each step uses (names of files in `data/{dataset}/splits/`)."""

    train: str  # image-level labels only: seeds, masks and both later trainings
    evaluate: str  # images with true masks on which seeds and masks are measured
    val: str
    test: str | None


_KEYS: dict[str, tuple[set[str], set[str]]] = {  # by layout: the keys it needs, and those it may have beside them
    "mini": ({"image_size", "scenes", "random_seed"}, set()),
    "voc": ({"root"}, {"classes"}),
    "voc2012": (set(), {"root", "sources", "archives", "counts"}),
    "coco": ({"annotations"}, {"root", "sources", "archives", "photos", "counts"}),
}


class Data(Block):
    """Where a data set comes from, by its layout.

    mini: drawn on the spot. voc: a folder in VOC layout. voc2012: VOC 2012 as published, with SBD's
    training images. coco: photos and annotations in COCO's JSON. The last two are fetched (`sources`), unless `root`
    names a folder that holds them.
    """

    layout: Literal["mini", "voc", "voc2012", "coco"]
    splits: Splits
    root: str | None = None  # a folder, or ${VARIABLE}
    sources: str | None = None  # a name in workflow/sources.yaml: what is fetched where there is no root
    archives: str | None = None  # a folder that has (some of) these archives already; null: archives/
    annotations: dict[str, str] | None = None  # {split: JSON file below root}
    photos: dict[str, str] | None = None  # {split: folder of its photos below root}; null: found by name
    counts: dict[str, Count] | None = None  # {split: number of images it must have}; null: any
    classes: list[str] | None = None
    image_size: Annotated[int, Field(ge=32)] | None = None
    scenes: dict[Literal["train", "val", "test"], Count] | None = None
    random_seed: Whole | None = None

    @model_validator(mode="after")
    def _keys_fit_the_layout(self) -> Data:
        needed, optional = _KEYS[self.layout]
        given = {key for key, value in self if value is not None} - {"layout", "splits"}
        if missing := sorted(needed - given):
            raise ValueError(f"layout {self.layout!r} needs {', '.join(missing)}")
        if wrong := sorted(given - needed - optional):
            takes = ", ".join(sorted(needed | optional))
            raise ValueError(f"layout {self.layout!r} takes {takes}, and not {', '.join(wrong)}")
        if "sources" in optional and self.root is None and self.sources is None:
            raise ValueError(f"layout {self.layout!r} needs root (a folder) or sources (in workflow/sources.yaml)")
        return self
