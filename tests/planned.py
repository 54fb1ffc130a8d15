"""What a plan makes, stage by stage, within the test's process: a start of Snakemake would take seconds each time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from subprocess import CompletedProcess

from paths import REPOSITORY
from program import run_program

from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.workflow import Experiments


def plan_here() -> Plan:
    """Return the plan of the project in the current folder."""
    experiments = Experiments("params.yaml")
    return Plan(experiments, TableRuns(experiments, REPOSITORY / "workflow/tables.yaml"))


def in_order(plan: Plan, products: Iterable[Path]) -> list[Path]:
    """Return products and all behind them, each after what it is made of."""
    found: list[Path] = []
    for product in products:
        job = plan.maker(product)
        if job is not None:
            found += [one for one in in_order(plan, plan.sources(job)) if one not in found]
            found += [product] if product not in found else []
    return found


def make(plan: Plan, product: Path, folder: Path) -> CompletedProcess:
    """Run the program that makes a product, as the plan calls it, on one core."""
    program, *words = plan.command(str(product), 1)
    return run_program(Path(program).stem, *words, folder=folder)
