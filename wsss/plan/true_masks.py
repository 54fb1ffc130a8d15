"""What of the pipeline needs true masks, and whether a data set has them: asked before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wsss.config.stages import MEASURED
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError

if TYPE_CHECKING:
    from wsss.plan.job import Job
    from wsss.plan.plan import Plan


def is_measured(plan: Plan, dataset: str, stage: str) -> bool:
    """Return whether a data set has the true masks that a stage of `MEASURED` measures on."""
    return plan.experiments.parameters(dataset).data.measures(MEASURED[stage])


def needed_steps(plan: Plan, job: Job) -> tuple[str, ...]:
    """Return the steps of `data.splits` on whose images a job itself needs true masks."""
    if job.stage in MEASURED:
        return (MEASURED[job.stage],)
    if job.stage in ("plot_confusion", "plot_classes"):  # of whatever is measured, but of something
        return () if any(is_measured(plan, job.dataset, stage) for stage in MEASURED) else ("evaluate",)
    if job.stage == "train_segmentation":
        settings = plan.experiments.parameters(job.dataset, job.variant).segmentation
        return ("train",) if settings.supervision == "ground_truth" else ()
    if job.stage == "plot_seeds":
        return (plan.tables.file.figure(job.name).split,)
    return {"plot_thresholds": ("evaluate",), "extract_features": ("evaluate",), "summarize_val": ("val",)}.get(
        job.stage, ()
    )


def lacks_true_masks(plan: Plan, job: Job) -> str | None:
    """Return the first step on whose images a job needs true masks that there are none of; None where it can run."""
    data = plan.experiments.parameters(job.dataset).data
    return next((step for step in needed_steps(plan, job) if not data.measures(step)), None)


def check_true_masks(plan: Plan, job: Job) -> None:
    """Raise an `InputError` for a job that needs true masks which its data set does not have."""
    data, folder = plan.experiments.parameters(job.dataset).data, Path(f"data/{job.dataset}")
    for step in needed_steps(plan, job):
        split, key = getattr(data.splits, step), f"datasets.{job.dataset}.data"
        if split is None:
            why = f"{key}.splits.{step} is null"
        elif not data.measures(step):
            why = f"{key}.masks is null"
        elif (folder / "classes.txt").is_file() and not PreparedDataset(folder).masked(split):
            why = f"no image of {split!r} has one"
        else:
            continue
        raise InputError(
            f"{plan.product(job)} needs true masks, and {why}: name what has some; without any, look at "
            f"{plan.made('inspect_masks', job)} and {plan.predictions(job.dataset)}"
        )
