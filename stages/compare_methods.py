"""Make a table of published methods with our numbers beside the paper's: OUT.md, OUT.csv and OUT.png.

python stages/compare_methods.py --dataset mini --table table2 --tables workflow/tables.yaml \
    --metrics 11/seed/0=results/mini/main/seed_metrics.json 11/mask/0=results/mini/main/mask_metrics.json \
    --out results/tables/mini/table2.md

--metrics takes ROW/COLUMN/SEED=FILE for each of our numbers (rows from 0); `snakemake` gives them all.
"""

from pathlib import Path

import pandas as pd

from wsss.config import Parameters
from wsss.figures.plots import write_figure
from wsss.files import read_json, whole_file
from wsss.paper.latex_table import latex_table
from wsss.paper.method_table import NAMES, entries, markdown, metrics_of, picture, records
from wsss.paper.seed_table import measured_on
from wsss.paper.spread import spread
from wsss.paper.table_file import read_tables
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, table: str, tables: Path, metrics: list[str], out: Path) -> None:
    """Write the table beside `out` as Markdown, LaTeX and CSV, and as a picture in PNG and PDF."""
    published = read_tables(tables).comparison(table)
    found: dict[tuple[int, str], list[dict]] = {}
    for label, path in labelled_paths(metrics).items():
        row, column, _ = label.split("/")
        found.setdefault((int(row), column), []).append(metrics_of(column, read_json(path)))
    ours = {place: spread([one["miou"] for one in runs]) for place, runs in found.items()}
    in_column: dict[str, list[dict]] = {}
    for (_, column), runs in found.items():
        in_column.setdefault(column, []).extend(runs)
    measured = " and ".join(
        f"{NAMES[column]} on {measured_on(parameters.dataset, runs)}" for column, runs in in_column.items()
    )
    overlaps = {one["overlaps"] for runs in found.values() for one in runs if "overlaps" in one}
    measured += "".join(f"; where objects overlap, {rule}" for rule in sorted(overlaps))
    table_entries = entries(published, ours)
    text = markdown(table, published, table_entries, measured)
    for suffix, content in ((".md", text), (".tex", latex_table(text, table))):
        with whole_file(out.with_suffix(suffix)) as part:
            part.write_text(content, encoding="utf-8")
    with whole_file(out.with_suffix(".csv")) as part:
        pd.DataFrame(records(table, published, table_entries)).to_csv(part, index=False)
    title = f"Table {table.removeprefix('table')}: {published.title}\n"
    title += f"diamonds: the paper's, {published.data}; " if published.data else ""
    title += f"dots: ours, {parameters.dataset}"
    write_figure(out.with_suffix(".png"), picture(title, table_entries))


if __name__ == "__main__":
    main(run, beside=True)
