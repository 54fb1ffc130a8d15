"""What the stages of `wsss.plan.rows` are given, as functions of the plan and the job. No torch in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wsss.config.named_files import FILES
from wsss.config.paths import expand_path
from wsss.config.stages import needed_stages
from wsss.config.start import start_experiment
from wsss.errors import InputError, did_you_mean
from wsss.plan.job import Job, Options
from wsss.plan.true_masks import is_measured

if TYPE_CHECKING:
    from wsss.plan.plan import Plan

NETWORKS = {  # what figures call the trainings
    "seed network": "train_seed",
    "AffinityNet": "train_affinity",
    "segmentation network": "train_segmentation",
}


def variants(plan: Plan, job: Job, stage: str, what: str, split: str = "val") -> dict[str, Path]:
    """Return {label: what `stage` makes} of main and the experiments shown beside it, of those that need it."""
    shown = plan.experiments.shown(what, job.dataset)
    return {
        label: plan.made(stage, job, variant=variant, split=split)
        for label, variant in shown.items()
        if is_needed(plan, job.dataset, variant, stage)
    }


def is_needed(plan: Plan, dataset: str, variant: str, stage: str) -> bool:
    """Return whether a stage is on the way of an experiment, rather than another method's files in its place."""
    return stage in needed_stages(plan.experiments.parameters(dataset, variant))


def needed(plan: Plan, job: Job, **stages: str) -> dict[str, Path]:
    """Return {label: product} of those stages, by label, that are on the way of the job's experiment."""
    return {
        label: plan.made(stage, job)
        for label, stage in stages.items()
        if is_needed(plan, job.dataset, job.variant, stage)
    }


def measured(plan: Plan, job: Job, **stages: str) -> dict[str, Path]:
    """Return {label: metrics} of those stages, by label, that are needed and that the data set has true masks for."""
    return needed(plan, job, **{label: one for label, one in stages.items() if is_measured(plan, job.dataset, one)})


def start(block: str) -> Callable[[Plan, Job], Options]:
    """Return the option of a training that starts from a seed network, which another stage makes."""

    def options(plan: Plan, job: Job) -> Options:
        weights = getattr(plan.experiments.parameters(job.dataset, job.variant), block).weights
        experiment = start_experiment(weights, own=job.variant)
        return {"weights": plan.made("train_seed", job, variant=experiment)} if experiment is not None else {}

    return options


def data(plan: Plan, job: Job) -> Path:
    return plan.made("prepare_data", job)


def reads(**stages: str) -> Callable[[Plan, Job], Options]:
    """Return the options of a stage that reads the data and what these stages make, by option."""

    def options(plan: Plan, job: Job) -> Options:
        return {"data": data(plan, job), **{option: plan.made(stage, job) for option, stage in stages.items()}}

    return options


def reads_needed(**stages: str) -> Callable[[Plan, Job], Options]:
    """Return the options of a stage that reads the data and what is needed of these stages' products, by option."""
    return lambda plan, job: {"data": data(plan, job), **needed(plan, job, **stages)}


def walks(plan: Plan, job: Job) -> Options:
    """Return the options of the stage that makes masks: none of ours where those of another method are read."""
    if plan.experiments.parameters(job.dataset, job.variant).mask.source is not None:
        return {"data": data(plan, job)}
    return reads(seeds="extract_seed", network="train_affinity")(plan, job) | threshold(plan, job)


def in_step(stage: str) -> Callable[[Plan, Job], Options]:
    """Return the options of a program that serves several stages, each a step of it, of what another stage makes."""
    return lambda plan, job: {"step": job.stage, "data": data(plan, job), "made": plan.made(stage, job)}


def masks(plan: Plan, job: Job) -> Path | None:
    """Return what the segmentation network is trained on: masks from seeds, or none, for those of the data."""
    supervision = plan.experiments.parameters(job.dataset, job.variant).segmentation.supervision
    return plan.made("make_mask", job) if supervision == "masks" else None


def threshold(plan: Plan, job: Job) -> Options:
    """Return the option of a walk whose background is the best threshold of the seeds, which needs their metrics."""
    is_best = plan.experiments.parameters(job.dataset, job.variant).mask.background == "best"
    return {"seed_metrics": plan.made("evaluate_seed", job)} if is_best else {}


def overview(plan: Plan, job: Job) -> dict[str, Any]:
    """Return the options of the picture of all steps, of main beside the experiments compared with it."""
    predicted = plan.experiments.parameters(job.dataset).data.splits.predicted
    return {
        "data": data(plan, job),
        "seeds": variants(plan, job, "extract_seed", "seeds"),
        **measured(plan, job, seed_metrics="evaluate_seed"),
        **needed(plan, job, labels="label_affinity", masks="make_mask"),
        "predictions": variants(plan, job, "predict", "val", predicted),
    }


def label_metrics(plan: Plan, job: Job) -> Options:
    """Return the option of the page of masks that shows how well held-out labels are known, if any are held out."""
    held_out = plan.experiments.parameters(job.dataset).data.holds_labels_out
    return dict(needed(plan, job, label_metrics="evaluate_labels")) if held_out else {}


def exported(plan: Plan, job: Job) -> Options:
    """Return the options of a segmentation network's folder, whose card has what is known of it and of its masks."""
    options = reads(network="train_segmentation")(plan, job)
    if masks(plan, job) is None:
        return options | {"metrics": measured(plan, job, val="evaluate_val")}
    options |= {"metrics": measured(plan, job, val="evaluate_val", masks="evaluate_mask")}
    if not is_measured(plan, job.dataset, "evaluate_mask"):
        options["mask_quality"] = plan.made("inspect_masks", job)
    return options


def named_photos(plan: Plan, job: Job) -> Path:
    """Return the folder, or the photo, that params.yaml has a name for."""
    named = plan.experiments.params.get(FILES) or {}
    if job.photos not in named:
        raise InputError(
            f"{plan.product(job)}: no {job.photos!r} under {FILES} in params.yaml{did_you_mean(job.photos, named)}; "
            f"write there where the photos are, {FILES}: {{{job.photos}: /path/to/photos}}"
        )
    return expand_path(named[job.photos], f"{FILES}.{job.photos}")


def sources(plan: Plan, job: Job) -> Options:
    return {"sources": [Path(folder) for folder in plan.experiments.unpacked(job.dataset)]}


def summary(plan: Plan, job: Job) -> Options:
    stages = {what: f"evaluate_{what}" for what in ("seed", "mask", "val")}
    metrics = {f"main/{what}": path for what, path in measured(plan, job, **stages).items()}
    for kind, what in (("seeds", "seed"), ("val", "val")):
        if f"main/{what}" in metrics:
            for label, variant in plan.experiments.compared(kind, job.dataset).items():
                metrics[f"{label}/{what}"] = plan.made(f"evaluate_{what}", job, variant=variant)
    return {"metrics": metrics, "older_code": _older_code(plan, metrics.values())}


def records(plan: Plan, job: Job) -> Options:
    """Return the options of the page that says where the numbers come from.

    All that is behind them is named, not given: the page reads the records beside it, and can do without the thing.
    """
    found = summary(plan, job)["metrics"]
    assert isinstance(found, dict)
    summed_up = plan.product(Job("summarize_val", job.dataset))
    results = sorted({*found.values(), *plan.results(job.dataset)} - {summed_up})
    behind = sorted(plan.behind(results))
    accepted = "; ".join(
        f"{product} ({', '.join(sorted(one['code']))}) by {one['by']}, {one['when']}"
        for product, one in plan.accepted(behind).items()
    )
    products = "; ".join(map(str, behind))
    older_code = _older_code(plan, behind)
    return {"results": results, "products": products, "older_code": older_code, "accepted_code": accepted}


def _older_code(plan: Plan, products: Iterable[Path]) -> str:
    """Return what older code has made of all that is behind products, and which modules have changed, as a text."""
    older = plan.older(plan.behind(products))
    return "; ".join(f"{product} ({', '.join(modules)})" for product, modules in older.items())


def calibration_line(plan: Plan, job: Job) -> Options:
    """Return the options of a line of the calibration: its metrics, and what is behind them, whose records tell."""
    paths = plan.tables.calibration_lines(job.dataset)
    if job.name not in paths:
        raise InputError(
            f"{plan.product(job)}: {job.dataset} has no network or no true masks for this line"
            f"{did_you_mean(job.name, paths)}"
        )
    metrics = Path(paths[job.name])
    return {"metrics": metrics, "products": "; ".join(map(str, sorted(plan.behind([metrics]))))}


def calibration_files(plan: Plan, job: Job) -> list[Path]:
    """Return the files of the lines that a data set's calibration page has."""
    lines = plan.tables.calibration_lines(job.dataset)
    return [plan.product(Job("calibrate", job.dataset, name=name)) for name in lines]


def table_file(job: Job, name: str) -> Path:
    return Path(f"results/tables/{job.dataset}/{name}.csv")


def as_paths(paths: dict[str, str]) -> dict[str, Path]:
    return {label: Path(path) for label, path in paths.items()}
