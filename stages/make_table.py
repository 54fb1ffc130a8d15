"""Make a table of the paper with our numbers: OUT.md, OUT.csv and OUT.png.

python stages/make_table.py --dataset mini --table table5 --tables workflow/tables.yaml \
    --metrics 0/0=results/mini/tau1=0.5/seed_metrics.json ... --trainings 12 --out results/tables/mini/table5

--metrics takes ROW/SEED=FILE for each row of the table (from 0) and each random seed; `snakemake` gives them all.
"""

from pathlib import Path

import pandas as pd

from wsss.config import Parameters
from wsss.figures.plots import write_figure
from wsss.files import read_json, whole_file
from wsss.paper.latex_table import latex_table
from wsss.paper.seed_table import markdown, measured_on, records, table_cells
from wsss.paper.table_file import read_tables
from wsss.paper.table_picture import table_picture
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, table: str, tables: Path, metrics: list[str], trainings: int, out: Path) -> None:
    """Write the table beside `out` as Markdown, LaTeX and CSV, and as a picture in PNG and PDF."""
    published = read_tables(tables).table(table)
    by_row: dict[str, list[dict]] = {}
    for label, path in labelled_paths(metrics).items():
        row = published.rows[int(label.split("/")[0])]
        by_row.setdefault(row.label, []).append(read_json(path))
    cells = table_cells(published, by_row)
    measured = measured_on(parameters.dataset, [one for row_values in by_row.values() for one in row_values])
    text = markdown(table, published, cells, measured, trainings)
    for suffix, content in ((".md", text), (".tex", latex_table(text, table))):
        with whole_file(out.with_suffix(suffix)) as part:
            part.write_text(content, encoding="utf-8")
    with whole_file(out.with_suffix(".csv")) as part:
        pd.DataFrame(records(table, cells)).to_csv(part, index=False)
    write_figure(
        out.with_suffix(".png"), table_picture(f"Table {table.removeprefix('table')}: {published.title}", cells)
    )


if __name__ == "__main__":
    main(run, beside=True)
