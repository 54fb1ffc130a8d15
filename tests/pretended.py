"""Products as if stages had made them, with their records."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from wsss.files import whole_directory, whole_file
from wsss.plan import ROWS, Job, Plan
from wsss.product.making import finish, wanted_record

MAIN = Job("make_mask", "mini")


class Wildcards(SimpleNamespace):
    """A rule's wildcards, as Snakemake hands them to functions."""

    def items(self):
        return vars(self).items()


def made(plan: Plan, job: Job, content: str = "made") -> Path:
    """Pretend that a job was run: write its product and the record that its program would write."""
    product = plan.product(job)
    if product.suffix:
        with whole_file(product) as part:
            part.write_text(content)
    else:
        with whole_directory(product) as folder:
            (folder / "file").write_text(content)
    options = plan.options(job) | {"parameters": plan.experiments.parameters(job.dataset, job.variant)}
    program = ROWS[job.stage].program or job.stage
    finish(product, wanted_record(job.stage, options), Path(f"stages/{program}.py"), seconds=1)
    return product


def all_made(plan: Plan) -> Path:
    for stage in ("prepare_data", "train_seed", "extract_seed", "label_affinity", "train_affinity"):
        made(plan, Job(stage, "mini"), stage)
    return made(plan, MAIN)


def newer(product: Path, planned: Path) -> bool:
    """Return whether a product is newer than what says when it was planned anew."""
    stamp = product / ".snakemake_timestamp"
    return (stamp if stamp.exists() else product).stat().st_mtime > planned.stat().st_mtime
