"""Hold the paper's claims against our numbers: OUT.md and OUT.json.

python stages/judge_claims.py --dataset mini --tables workflow/tables.yaml \
    --metrics 0/0=results/mini/mapping=cam,regularization=none/seed_metrics.json ... --out results/mini/claims

--metrics takes RUN/SEED=FILE for each run that the claims compare, in their order; `snakemake` gives them all.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import read_json, whole_file, write_json
from wsss.paper.claims import claims_markdown, judge
from wsss.paper.seed_table import measured_on
from wsss.paper.table_file import read_tables
from wsss.stage import labelled_paths, main


def run(parameters: Parameters, *, tables: Path, metrics: list[str], out: Path) -> None:
    """Write the verdicts beside `out` as Markdown and JSON; claims about a kind without a network are left out."""
    file = read_tables(tables)
    runs = file.runs_of_claims()
    by_run: dict[str, list[dict]] = {}
    for label, path in labelled_paths(metrics).items():
        by_run.setdefault(runs[int(label.split("/")[0])], []).append(read_json(path))
    testable = [claim for claim in file.claims if claim.runs <= by_run.keys()]
    judged = [judge(claim, by_run) for claim in testable]
    measured = measured_on(parameters.dataset, [one for run_metrics in by_run.values() for one in run_metrics])
    with whole_file(out.with_suffix(".md")) as part:
        part.write_text(claims_markdown(judged, measured), encoding="utf-8")
    write_json(out.with_suffix(".json"), {"measured_on": measured, "claims": judged})


if __name__ == "__main__":
    main(run, beside=True)
