"""The paper's tables of published methods, our numbers beside the rows that are ours: values, Markdown, picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from wsss.figures.plots import COLOURS, in_style
from wsss.paper.spread import Spread
from wsss.paper.table_file import ComparedRow, MethodTable

NAMES = {"seed": "seeds", "mask": "masks", "val": "val", "val_labelled": "val with a label", "test": "test"}


@dataclass(frozen=True)
class Entry:
    """A number of a method: the paper's, and ours where there is one."""

    row: int
    name: str
    column: str
    paper: float | None
    ours: Spread | None


def metrics_of(column: str, metrics: dict) -> dict:
    """Return the metrics that a column shows, of those in a metrics file: `labelled_only`, where it has them."""
    return {**metrics, **metrics.get("labelled_only", {})} if column == "val_labelled" else metrics


def entries(table: MethodTable, ours: Mapping[tuple[int, str], Spread]) -> list[Entry]:
    """Return the entries of a table, row by row; `ours` holds our numbers by (row from 0, column)."""
    return [
        Entry(number, _name(row), column, row.paper.get(column), ours.get((number, column)))
        for number, row in enumerate(table.rows)
        for column in table.columns
    ]


def records(name: str, table: MethodTable, table_entries: Sequence[Entry]) -> list[dict]:
    """Return the entries as plain values, one record each: the CSV file."""
    return [
        {
            "table": name,
            "method": table.rows[one.row].method,
            "backbone": table.rows[one.row].backbone,
            "supervision": table.rows[one.row].supervision,
            "miou_of": one.column,
            "paper": one.paper,
            "ours": None if one.ours is None else round(one.ours.mean, 4),
            "ours_sd": None if one.ours is None or one.ours.deviation is None else round(one.ours.deviation, 4),
            "seeds": None if one.ours is None else one.ours.count,
        }
        for one in table_entries
    ]


def markdown(name: str, table: MethodTable, table_entries: Sequence[Entry], measured: str) -> str:
    """Return a table as Markdown; `measured` says on what our numbers were measured."""
    extra = [key for key in ("backbone", "supervision") if any(getattr(row, key) for row in table.rows)]
    columns = ["method", *extra]
    in_paper = {column for row in table.rows for column in row.paper}
    for column in table.columns:
        columns += [f"{NAMES[column]}, paper"] * (column in in_paper) + [f"{NAMES[column]}, ours"]
    lines = [f"# Table {name.removeprefix('table')}: {table.title}", ""]
    rule = ["---"] * (1 + len(extra)) + ["---:"] * (len(columns) - 1 - len(extra))
    lines += [f"| {' | '.join(columns)} |", f"| {' | '.join(rule)} |"]
    for number, row in enumerate(table.rows):
        texts = [row.method, *(getattr(row, key) or "–" for key in extra)]
        for one in (one for one in table_entries if one.row == number):
            texts += ["–" if one.paper is None else f"{one.paper:.1f}"] * (one.column in in_paper)
            texts += ["" if one.ours is None else str(one.ours)]
        lines.append(f"| {' | '.join(texts)} |")
    count = max((one.ours.count for one in table_entries if one.ours), default=0)
    runs = f"{count} random seeds, mean ± standard deviation" if count > 1 else "one random seed"
    about = f"mIoU in %. The paper's numbers are of {table.data}. " if table.data else "mIoU in %. "
    about += f"Ours: {measured}; {runs}. Numbers of different data sets cannot be compared. {table.note or ''}"
    return "\n".join([*lines, "", about.rstrip(), ""])


@in_style
def picture(title: str, table_entries: Sequence[Entry]) -> Figure:
    """Draw a panel per column: the paper's numbers as diamonds, ours as dots with a standard deviation."""
    names = {one.row: one.name for one in table_entries}
    columns = list(dict.fromkeys(one.column for one in table_entries))
    figure = Figure(figsize=(2.5 + 2.6 * len(columns), 1.3 + 0.24 * len(names)), layout="constrained")
    panels = figure.subplots(1, len(columns), sharey=True, squeeze=False)[0]
    for axes, column in zip(panels, columns, strict=True):
        in_column = [one for one in table_entries if one.column == column]
        known = [one for one in in_column if one.paper is not None]
        axes.plot([one.paper for one in known], [one.row for one in known], "D", color=COLOURS[1], fillstyle="none")
        own = [(one.row, one.ours) for one in in_column if one.ours is not None]
        deviations = [ours.deviation or 0 for _, ours in own]
        means, places = [ours.mean for _, ours in own], [row for row, _ in own]
        axes.errorbar(means, places, xerr=deviations, fmt="o", color=COLOURS[0], capsize=2)
        axes.set(xlabel=f"mIoU of {NAMES[column]} (%)", ylim=(len(names) - 0.4, -0.6))
        axes.set_yticks(range(len(names)), list(names.values()))
    figure.suptitle(title, fontsize=10)
    return figure


def _name(row: ComparedRow) -> str:
    return f"{row.method}, {row.backbone}" if row.backbone else row.method
