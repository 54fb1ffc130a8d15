"""Put all tables of the paper on one page, with what they cost.

python stages/collect_tables.py --dataset mini --trainings 34 --seed-tables results/tables/mini/table1.csv \
    --method-tables results/tables/mini/table2.csv --out results/tables/mini/tables.md
"""

from pathlib import Path

import pandas as pd

from wsss.config import Parameters
from wsss.files import whole_file
from wsss.stage import main


def run(parameters: Parameters, *, seed_tables: list[str], method_tables: list[str], trainings: int, out: Path) -> None:
    """Write the Markdown file `out`, of the Markdown files beside the CSV files of tables of seeds and of methods."""
    rows = sum(pd.read_csv(table)["row"].nunique() for table in seed_tables)
    by_number = sorted([*seed_tables, *method_tables], key=lambda table: Path(table).name)
    pages = [Path(table).with_suffix(".md").read_text().replace("# Table", "## Table", 1) for table in by_number]
    seeds = parameters.tables.random_seeds
    cost = f"{rows} rows of ours in {len(seed_tables)} tables of seeds, made of {trainings} trainings"
    head = (
        f"# The paper's tables on {parameters.dataset}\n\n{cost} (random seeds: {', '.join(map(str, seeds))}): equal "
    )
    head += "settings are trained once. What each row runs is in workflow/tables.yaml.\n\n"
    with whole_file(out) as part:
        part.write_text(head + "\n".join(pages), encoding="utf-8")
    print(f"{out}: {cost}")


if __name__ == "__main__":
    main(run)
