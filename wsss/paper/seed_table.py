"""The paper's tables with our numbers: rows of values, Markdown. Figures are in `wsss.paper.table_picture`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wsss.errors import InputError
from wsss.paper.spread import UNDECIDED, Spread, difference, sign, spread
from wsss.paper.table_file import Table

NAMES = {"miou": "mIoU", "fpr": "FPR", "fnr": "FNR"}


@dataclass(frozen=True)
class Cell:
    """A number of ours beside the paper's, and both differences from the row's baseline."""

    label: str
    run: str
    metric: str
    ours: Spread
    paper: float
    baseline: str | None
    our_difference: Spread | None
    paper_difference: float | None

    @property
    def direction(self) -> str | None:
        """Return "agrees", "differs" or "undecided" (within our spread); None for a row without a baseline."""
        if self.our_difference is None:
            return None
        ours = sign(self.our_difference)
        if ours is None or not self.paper_difference:
            return UNDECIDED
        return "agrees" if ours == (1 if self.paper_difference > 0 else -1) else "differs"


def table_cells(table: Table, metrics: Mapping[str, Sequence[dict]]) -> list[Cell]:
    """Return the cells of a table, row by row.

    Args:
        table: as `wsss.paper.table_file.read_tables` gives it.
        metrics: {label of a row: its seed metrics, one per random seed}. Rows that are not in it (a data set without
            a network of that kind) are left out.
    """
    cells: dict[tuple[str, str], Cell] = {}
    rows = [row for row in table.rows if row.label in metrics]
    ours = {(row.label, m): spread([one[m] for one in metrics[row.label]]) for row in rows for m in table.metrics}
    papers = {row.label: row.paper for row in rows}
    for row in rows:
        for metric in table.metrics:
            own, paper, base = ours[row.label, metric], row.paper[metric], row.baseline
            cells[row.label, metric] = Cell(
                row.label,
                row.run,
                metric,
                own,
                paper,
                base,
                None if base is None else difference(own, ours[base, metric]),
                None if base is None else round(paper - papers[base][metric], 6),
            )
    return list(cells.values())


def records(name: str, cells: Sequence[Cell]) -> list[dict]:
    """Return the cells as plain values, one record each: the CSV file."""
    return [
        {
            "table": name,
            "row": cell.label,
            "run": cell.run,
            "metric": cell.metric,
            "ours": round(cell.ours.mean, 4),
            "ours_sd": _rounded(cell.ours.deviation),
            "seeds": cell.ours.count,
            "paper_voc_train": cell.paper,
            "baseline": cell.baseline,
            "ours_minus_baseline": _rounded(cell.our_difference.mean if cell.our_difference else None),
            "ours_minus_baseline_sd": _rounded(cell.our_difference.deviation if cell.our_difference else None),
            "paper_minus_baseline": cell.paper_difference,
            "direction": cell.direction,
        }
        for cell in cells
    ]


def markdown(name: str, table: Table, cells: Sequence[Cell], measured: str, trainings: int) -> str:
    """Return a table as Markdown.

    Args:
        name: e.g. "table5".
        table, cells: see `table_cells`.
        measured: on what our numbers were measured, see `measured_on`.
        trainings: how many seed networks were trained for it.
    """
    columns = ["row"]
    for metric in table.metrics:
        columns += [f"{NAMES[metric]}, ours", f"{NAMES[metric]}, paper (VOC train)", "against the baseline"]
    lines = [f"# Table {name.removeprefix('table')}: {table.title}", ""]
    lines += [f"| {' | '.join(columns)} |", f"| --- |{' ---: | ---: | --- |' * len(table.metrics)}"]
    by_row: dict[str, list[Cell]] = {}
    for cell in cells:
        by_row.setdefault(cell.label, []).append(cell)
    for label, row_values in by_row.items():
        texts = [text for cell in row_values for text in (str(cell.ours), f"{cell.paper:.1f}", _against(cell))]
        lines.append(f"| {' | '.join([label, *texts])} |")
    seeds = cells[0].ours.count
    runs = f"{seeds} random seeds, mean ± standard deviation" if seeds > 1 else "one random seed, so of unknown spread"
    lines += ["", f"Ours: seeds, in %, on {measured}; {runs}. The paper's numbers are of PASCAL VOC 2012 train, and "]
    lines[-1] += "comparable in their direction alone: whether a row lies above or below its baseline as in the paper."
    if seeds > 1:
        lines[-1] += " A difference not larger than its spread is undecided."
    left_out = [row.label for row in table.rows if row.label not in by_row]
    if left_out:
        lines[-1] += f" Without a network of their kind (tables.backbones in params.yaml): {', '.join(left_out)}."
    if table.note:
        lines[-1] += f" {table.note}"
    lines += ["", f"Rows: {len(by_row)}. Trainings: {trainings}. Directions of mIoU: {tally(cells)}.", ""]
    return "\n".join(lines)


def measured_on(dataset: str, metrics: Sequence[dict]) -> str:
    """Return on what metrics were measured, e.g. "the 1200 images of train of mini"; they must agree in it."""
    found = {(one["split"], one["images"]) for one in metrics}
    if len(found) > 1:
        raise InputError(f"{dataset}: metrics of different images ({sorted(found)}); run the evaluation again")
    ((split, images),) = found
    return f"the {images} images of {split} of {dataset}"


def tally(cells: Sequence[Cell]) -> str:
    """Return in how many comparisons of mIoU the direction agrees with the paper's."""
    compared = [cell.direction for cell in cells if cell.metric == "miou" and cell.direction is not None]
    counts = {verdict: compared.count(verdict) for verdict in ("agrees", "differs", UNDECIDED)}
    return f"{counts['agrees']} of {len(compared)} agree, {counts['differs']} differ, {counts[UNDECIDED]} undecided"


def _against(cell: Cell) -> str:
    if cell.our_difference is None:
        return "–"
    ours = cell.our_difference
    within = "" if ours.deviation is None else f" ± {ours.deviation:.1f}"
    return f"{ours.mean:+.1f}{within} (paper {cell.paper_difference:+.1f}): {cell.direction}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
