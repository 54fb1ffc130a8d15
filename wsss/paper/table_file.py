"""workflow/tables.yaml as types: the paper's tables, claims and figures, as runs beside the paper's numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from wsss.config.blocks import Block
from wsss.config.yaml_text import read_yaml
from wsss.errors import InputError, did_you_mean

Metric = Literal["miou", "fpr", "fnr"]
Measure = Literal["seed", "mask", "val", "val_labelled", "test"]  # the mIoU of what; val_labelled: images with a label
Run = Annotated[str, Field(pattern=r"^(cnn|transformer) (main|\S+=\S+)$")]  # a kind of network and a variant


class Row(Block):
    """A row: what is run, what the paper has for it, and the row with which it is compared."""

    label: str
    run: Run
    paper: Annotated[dict[Metric, float], Field(min_length=1)]
    baseline: str | None = None


class Table(Block):
    """A table of the paper."""

    title: str
    note: str | None = None
    rows: Annotated[list[Row], Field(min_length=1)]

    @model_validator(mode="after")
    def _rows_belong_together(self) -> Table:
        labels = [row.label for row in self.rows]
        if len(set(labels)) < len(labels):
            raise ValueError("two rows have one label")
        for row in self.rows:
            if row.baseline is not None and row.baseline not in labels:
                raise ValueError(f"no row is called {row.baseline!r}{did_you_mean(row.baseline, labels)}")
            if row.paper.keys() != self.rows[0].paper.keys():
                raise ValueError(f"row {row.label!r} has other metrics than the first one")
        return self

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that the paper gives."""
        return list(self.rows[0].paper)


def _metric_and_run(side: object) -> object:
    """Let YAML's lists stand for pairs."""
    return tuple(side) if isinstance(side, list) else side


Side = Annotated[tuple[Metric, Run], BeforeValidator(_metric_and_run)]


class Comparison(Block):
    """One number is larger than another; each is a metric of a run."""

    of: Side
    than: Side


class Claim(Block):
    """A statement of the paper, which holds if all of its comparisons do."""

    statement: str
    source: str
    larger: Annotated[list[Comparison], Field(min_length=1)]

    @property
    def runs(self) -> set[str]:
        """The runs that it compares."""
        return {side[1] for pair in self.larger for side in (pair.of, pair.than)}


class Column(Block):
    """A column of a figure: seeds, the mean of the feature maps, or predictions, of a run."""

    label: str
    run: Run
    show: Literal["seed", "features", "prediction"] = "seed"


class PaperFigure(Block):
    """A figure of the paper, between the photos and the true masks."""

    title: str
    columns: Annotated[list[Column], Field(min_length=1)]
    split: Literal["evaluate", "val"] = "evaluate"  # of the data set: val for predictions

    @model_validator(mode="after")
    def _predictions_are_of_val(self) -> PaperFigure:
        if any((column.show == "prediction") != (self.split == "val") for column in self.columns):
            raise ValueError("predictions, and nothing else, are shown on `split: val`")
        return self


class ComparedRow(Block):
    """A method: the paper's numbers, if it has some, and which of our experiments stands beside them, or alone."""

    method: str
    backbone: str | None = None  # of the segmentation network
    supervision: Literal["I", "I+S"] | None = None
    paper: dict[Measure, float] = {}
    ours: Literal["resnet38", "resnet101"] | None = None  # a key of params.yaml's `tables.segmentation`
    run: Run | None = None  # what makes its seeds; None: what the experiment `ours` says

    @model_validator(mode="after")
    def _run_is_ours(self) -> ComparedRow:
        if self.run is not None and self.ours is None:
            raise ValueError(f"row {self.method!r} has a run, but no `ours` that says with which segmentation network")
        if not self.paper and self.ours is None:
            raise ValueError(f"row {self.method!r} has neither a number of the paper nor one of ours; give one")
        return self


class MethodTable(Block):
    """A table of methods; every row has some of its columns."""

    title: str
    data: str | None = None  # of the paper's numbers
    columns: Annotated[list[Measure], Field(min_length=1)]
    note: str | None = None
    rows: Annotated[list[ComparedRow], Field(min_length=1)]

    @model_validator(mode="after")
    def _rows_fit_the_columns(self) -> MethodTable:
        for row in self.rows:
            if not set(row.paper) <= set(self.columns):
                raise ValueError(f"row {row.method!r} has numbers for {sorted(set(row.paper) - set(self.columns))}")
        if self.data is None and any(row.paper for row in self.rows):
            raise ValueError("data is missing: say what the paper's numbers are of")
        return self


class CalibrationLine(Block):
    """A published number to hold this project to, before anything of one's own is believed."""

    title: str
    run: Run
    of: Literal["seed", "mask", "val"]  # whose mIoU
    published: dict[str, float] = {}  # by data set
    source: str
    others: dict[str, Annotated[list[float], Field(min_length=1)]] = {}  # what others got who ran the published code
    others_source: str | None = None
    hours: dict[str, float] = {}  # estimated, of what no line above makes (docs/voc_and_coco.md)

    @model_validator(mode="after")
    def _others_have_a_source(self) -> CalibrationLine:
        if self.others and self.others_source is None:
            raise ValueError(f"line {self.title!r} has numbers of others, but no `others_source`")
        return self


class TableFile(Block):
    """The file; `runs` only gives runs a name (a YAML anchor)."""

    runs: list[Run]
    tables: dict[str, Table]
    claims: list[Claim]
    figures: dict[str, PaperFigure] = {}
    comparisons: dict[str, MethodTable] = {}
    calibration: dict[str, CalibrationLine] = {}  # by cost: what takes longest stands last

    def line(self, name: str) -> CalibrationLine:
        """Return a line of the calibration; an unknown name is an `InputError`."""
        if name not in self.calibration:
            raise InputError(f"no line {name!r} in workflow/tables.yaml{did_you_mean(name, self.calibration)}")
        return self.calibration[name]

    def figure(self, name: str) -> PaperFigure:
        """Return a figure; an unknown name is an `InputError`."""
        if name not in self.figures:
            raise InputError(f"no figure {name!r} in workflow/tables.yaml{did_you_mean(name, self.figures)}")
        return self.figures[name]

    def comparison(self, name: str) -> MethodTable:
        """Return a table of published methods; an unknown name is an `InputError`."""
        if name not in self.comparisons:
            raise InputError(f"no table {name!r} in workflow/tables.yaml{did_you_mean(name, self.comparisons)}")
        return self.comparisons[name]

    def table(self, name: str) -> Table:
        """Return a table; an unknown name is an `InputError`."""
        if name not in self.tables:
            raise InputError(f"no table {name!r} in workflow/tables.yaml{did_you_mean(name, self.tables)}")
        return self.tables[name]

    def runs_of_claims(self) -> list[str]:
        """Return the runs that the claims compare, each once."""
        sides = (side for claim in self.claims for pair in claim.larger for side in (pair.of, pair.than))
        return list(dict.fromkeys(run for _, run in sides))


def read_tables(path: Path | str) -> TableFile:
    """Read the file; what is wrong in it is an `InputError` that names the place."""
    try:
        return TableFile.model_validate(read_yaml(path))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise InputError(f"{path}: {where}: {problem['msg'].removeprefix('Value error, ')}") from None
