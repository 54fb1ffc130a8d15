"""Say what the results of a data set have cost: hours, memory, images per second by stage, beside what was asked for.

python stages/write_cost.py --dataset mini --products "results/mini/main/seeds; results/mini/main/masks; ..." \
    --out results/mini/cost.md

--products names what is on the way to the results, whose records are read; `snakemake` gives all of it.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.files import whole_file
from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.plan.resources import JobResources
from wsss.product.cost import Asked, cost_page
from wsss.product.record import Record, read_record
from wsss.stage import main
from wsss.workflow import Experiments


def run(parameters: Parameters, *, products: str, out: Path) -> None:
    """Write the page to the Markdown file `out`; `products` stand between semicolons."""
    experiments = Experiments()
    plan, resources = Plan(experiments, TableRuns(experiments), is_main=False), JobResources(experiments)
    records = {Path(product): read_record(Path(product)) for product in products.split("; ")}
    asked = {
        product: _asked(plan, resources, product, record) for product, record in records.items() if record is not None
    }
    with whole_file(out) as part:
        part.write_text(cost_page(parameters.dataset, records, asked), encoding="utf-8")


def _asked(plan: Plan, resources: JobResources, product: Path, record: Record) -> Asked:
    """Return what the workflow asks for, given the cores that the job has had."""
    job = plan.maker(product)
    assert job is not None  # it is from the plan
    names = {"dataset": job.dataset, "variant": job.variant, "split": job.split}
    cores = int(record.measured.get("threads", 1))
    return Asked(resources.mem_mb(job.stage, names, cores), resources.runtime(job.stage, names, cores))


if __name__ == "__main__":
    main(run)
