"""Show published numbers beside ours: the lines that are done, and those that are not yet.

python stages/calibration_page.py --dataset voc --tables workflow/tables.yaml \
    --lines results/voc/calibration/*.json --out results/voc/calibration.md

While a run is at work, this shows what is done so far; without --lines, what there is to do.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json, whole_file
from wsss.paper.calibration import calibration_markdown
from wsss.paper.table_file import read_tables
from wsss.paper.table_runs import TableRuns
from wsss.stage import main
from wsss.workflow import Experiments


def run(parameters: Parameters, *, tables: Path, lines: list[str] | None = None, out: Path) -> None:
    """Write the page to the Markdown file `out`."""
    file = read_tables(tables)
    possible = TableRuns(Experiments(), tables).calibration_lines(parameters.dataset)
    files = [Path(path) for path in lines or [] if not path.endswith(".run.json")]  # the records beside them
    measured = {one["line"]: one for one in map(read_json, files)}
    page = calibration_markdown(parameters.dataset, {name: file.line(name) for name in possible}, measured)
    with whole_file(out) as part:
        part.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(run)
