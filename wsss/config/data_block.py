"""The block `data`: where a data set comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator, model_validator

from wsss.config.block import NOT_GIVEN, Block, Count, WhereUsed, Whole
from wsss.config.choices import LAYOUTS
from wsss.config.class_names import check_classes
from wsss.errors import InputError


class Splits(Block):
    """Which list of images each step uses (names of files in `data/{dataset}/splits/`); null: the step is left out."""

    train: str  # image-level labels only: seeds, masks and both later trainings
    evaluate: str | None  # images with true masks on which seeds and masks are measured
    val: str | None  # images that are predicted, and measured where they have true masks
    test: str | None  # images that are predicted

    @property
    def with_masks_made(self) -> tuple[str, ...]:
        """The splits of whose images seeds and masks are made."""
        return (self.train, self.evaluate) if self.evaluate is not None else (self.train,)

    @property
    def shown(self) -> str:
        """The split whose seeds and masks figures show."""
        return self.evaluate if self.evaluate is not None else self.train

    @property
    def predicted(self) -> Literal["val", "test", "train"]:
        """The step whose predictions are a data set's result: of images not trained on, if there are any."""
        if self.val is not None:
            return "val"
        return "test" if self.test is not None else "train"


if TYPE_CHECKING:
    LayoutName = str
else:
    LayoutName = Literal[tuple(LAYOUTS)]


SceneSplit = Literal["train", "val", "test"]
DrawnSplit = Literal["val", "test"]
DrawnShare = Annotated[float, Field(gt=0, lt=1)]


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
    labels: WhereUsed[str] = NOT_GIVEN  # a file or folder that names the classes of each photo, as root or below it
    masks: str | None = None  # layout labels: a folder with true masks of some photos, as labels; null: there are none
    lists: dict[str, str] | None = None  # {split: list of photos, as labels}; null: all photos
    draw: dict[DrawnSplit, DrawnShare] | None = None  # {split: share of train, taken out of it by chance}
    image_size: WhereUsed[Annotated[int, Field(ge=32)]] = NOT_GIVEN
    scenes: WhereUsed[dict[SceneSplit, Count]] = NOT_GIVEN
    random_seed: WhereUsed[Whole] = NOT_GIVEN

    @field_validator("classes")
    @classmethod
    def _classes_number_pixels(cls, classes: list[str] | None) -> list[str] | None:
        if classes is None:
            return None
        try:
            return list(check_classes(classes))
        except InputError as error:
            raise ValueError(str(error).removeprefix("classes: ")) from None

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
        if self.draw is not None and self.random_seed is None:
            raise ValueError("draw needs random_seed")
        if self.masks is not None and self.classes is None:
            raise ValueError("masks needs classes, in the order of their numbers in the masks")
        return self

    @property
    def holds_labels_out(self) -> bool:
        """Whether val is drawn from the labelled images, so that a classifier can be tested on its labels."""
        return self.splits.val in (self.draw or {})

    def measures(self, step: str) -> bool:
        """Return whether there are true masks to measure a step of `splits` on, as far as parameters tell."""
        has_masks = self.masks is not None or "masks" not in LAYOUTS[self.layout].keys
        return has_masks and getattr(self.splits, step) is not None
