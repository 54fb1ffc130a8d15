"""The pipeline as a table: what each stage makes, and what its program is given. No torch in here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wsss.config.start import start_experiment
from wsss.plan.true_masks import is_measured
from wsss.product.options import Value
from wsss.workflow import PRODUCTS

if TYPE_CHECKING:
    from wsss.plan.plan import Plan

Options = dict[str, Value]
Given = Mapping[str, Value | None]  # None and what is empty is no option


@dataclass(frozen=True)
class Job:
    """A stage with what its paths name."""

    stage: str
    dataset: str
    variant: str = "main"
    split: str = "val"
    name: str = ""  # of a table or figure


class Row(NamedTuple):
    """What a stage makes, and the options of its program: paths, lists and {label: path} of them, and plain values."""

    makes: str
    options: Callable[[Plan, Job], Given]
    program: str | None = None  # where it is not called as the stage is
    beside: tuple[str, ...] = ()  # suffixes of what else it writes
    has_parameters: bool = True
    has_threads: bool = False  # whether it can use several cores


def _variants(plan: Plan, job: Job, stage: str, what: str, split: str = "val") -> dict[str, Path]:
    """Return {label: what `stage` makes} of main and the experiments that params.yaml shows beside it."""
    shown = plan.experiments.shown(what, job.dataset)
    return {label: plan.made(stage, job, variant=variant, split=split) for label, variant in shown.items()}


def _measured(plan: Plan, job: Job, **stages: str) -> dict[str, Path]:
    """Return {label: metrics} of those stages, by label, that the data set has true masks for."""
    return {label: plan.made(stage, job) for label, stage in stages.items() if is_measured(plan, job.dataset, stage)}


def _start(block: str) -> Callable[[Plan, Job], Options]:
    """Return the option of a training that starts from a seed network, which another stage makes."""

    def options(plan: Plan, job: Job) -> Options:
        weights = getattr(plan.experiments.parameters(job.dataset, job.variant), block).weights
        experiment = start_experiment(weights, own=job.variant)
        return {"weights": plan.made("train_seed", job, variant=experiment)} if experiment is not None else {}

    return options


def _data(plan: Plan, job: Job) -> Path:
    return plan.made("prepare_data", job)


def _reads(**stages: str) -> Callable[[Plan, Job], Options]:
    """Return the options of a stage that reads the data and what these stages make, by option."""

    def options(plan: Plan, job: Job) -> Options:
        return {"data": _data(plan, job), **{option: plan.made(stage, job) for option, stage in stages.items()}}

    return options


def _evaluates(stage: str) -> Callable[[Plan, Job], Options]:
    """Return the options of the evaluation, one program in three steps, of what a stage makes."""
    return lambda plan, job: {"step": job.stage, "data": _data(plan, job), "made": plan.made(stage, job)}


def _masks(plan: Plan, job: Job) -> Path | None:
    """Return what the segmentation network is trained on: masks from seeds, or none, for those of the data."""
    supervision = plan.experiments.parameters(job.dataset, job.variant).segmentation.supervision
    return plan.made("make_mask", job) if supervision == "masks" else None


def _threshold(plan: Plan, job: Job) -> Options:
    """Return the option of a walk whose background is the best threshold of the seeds, which needs their metrics."""
    is_best = plan.experiments.parameters(job.dataset, job.variant).mask.background == "best"
    return {"seed_metrics": plan.made("evaluate_seed", job)} if is_best else {}


def _label_metrics(plan: Plan, job: Job) -> Options:
    """Return the option of the page of masks that shows how well held-out labels are known, if any are held out."""
    held_out = plan.experiments.parameters(job.dataset).data.holds_labels_out
    return {"label_metrics": plan.made("evaluate_labels", job)} if held_out else {}


def _sources(plan: Plan, job: Job) -> Options:
    return {"sources": [Path(folder) for folder in plan.experiments.unpacked(job.dataset)]}


def _summary(plan: Plan, job: Job) -> Options:
    stages = {what: f"evaluate_{what}" for what in ("seed", "mask", "val")}
    metrics = {f"main/{what}": path for what, path in _measured(plan, job, **stages).items()}
    for kind, what in (("seeds", "seed"), ("val", "val")):
        if f"main/{what}" in metrics:
            for label, variant in plan.experiments.compared(kind, job.dataset).items():
                metrics[f"{label}/{what}"] = plan.made(f"evaluate_{what}", job, variant=variant)
    return {"metrics": metrics, "older_code": _older_code(plan, metrics.values())}


def _records(plan: Plan, job: Job) -> Options:
    """Return the options of the page that says where the numbers come from.

    All that is behind them is named, not given: the page reads the records beside it, and can do without the thing.
    """
    found = _summary(plan, job)["metrics"]
    assert isinstance(found, dict)
    summary = plan.product(Job("summarize_val", job.dataset))
    results = sorted({*found.values(), *plan.results(job.dataset)} - {summary})
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


def _made(stage: str) -> str:
    return f"results/{{dataset}}/{{variant}}/{PRODUCTS[stage]}"


_TABLES = Path("workflow/tables.yaml")
_FIGURES = "results/{dataset}/figures"

ROWS: dict[str, Row] = {
    "prepare_data": Row("data/{dataset}", _sources, has_threads=True),
    "inspect_data": Row("results/{dataset}/data.html", _reads(), has_threads=True),
    "resolve_params": Row("results/{dataset}/{variant}/params.yaml", lambda p, j: {}),
    "train_seed": Row(_made("train_seed"), lambda p, j: _reads()(p, j) | _start("seed")(p, j), has_threads=True),
    "extract_seed": Row(_made("extract_seed"), _reads(network="train_seed"), has_threads=True),
    "extract_features": Row(_made("extract_features"), _reads(network="train_seed"), has_threads=True),
    "evaluate_labels": Row(_made("evaluate_labels"), _reads(network="train_seed"), has_threads=True),
    "evaluate_seed": Row(_made("evaluate_seed"), _evaluates("extract_seed"), "evaluate", has_threads=True),
    "label_affinity": Row(_made("label_affinity"), _reads(seeds="extract_seed"), has_threads=True),
    "train_affinity": Row(
        _made("train_affinity"),
        lambda p, j: _reads(labels="label_affinity")(p, j) | _start("affinity")(p, j),
        has_threads=True,
    ),
    "make_mask": Row(
        _made("make_mask"),
        lambda p, j: _reads(seeds="extract_seed", network="train_affinity")(p, j) | _threshold(p, j),
        has_threads=True,
    ),
    "evaluate_mask": Row(_made("evaluate_mask"), _evaluates("make_mask"), "evaluate", has_threads=True),
    "inspect_masks": Row(
        _made("inspect_masks"),
        lambda p, j: _reads(labels="label_affinity", masks="make_mask")(p, j) | _label_metrics(p, j),
        beside=(".html",),
        has_threads=True,
    ),
    "train_segmentation": Row(
        _made("train_segmentation"),
        lambda p, j: {"data": _data(p, j), "masks": _masks(p, j)} | _start("segmentation")(p, j),
        has_threads=True,
    ),
    "predict": Row(
        _made("predict"),
        lambda p, j: _reads(network="train_segmentation")(p, j) | {"split": j.split},
        has_threads=True,
    ),
    "evaluate_val": Row(_made("evaluate_val"), _evaluates("predict"), "evaluate", has_threads=True),
    "summarize_val": Row("results/{dataset}_val_miou.json", _summary),
    "write_provenance": Row("results/{dataset}/provenance.md", _records),
    "export_test": Row(
        "results/{dataset}_test_submission.tar.gz",
        lambda p, j: {"data": _data(p, j), "predictions": p.made("predict", j, split="test")},
    ),
    "plot_overview": Row(
        f"{_FIGURES}/overview.png",
        lambda p, j: {
            "data": _data(p, j),
            "seeds": _variants(p, j, "extract_seed", "seeds"),
            **_measured(p, j, seed_metrics="evaluate_seed"),
            "labels": p.made("label_affinity", j),
            "masks": p.made("make_mask", j),
            "predictions": _variants(p, j, "predict", "val", p.experiments.parameters(j.dataset).data.splits.predicted),
        },
    ),
    "plot_thresholds": Row(
        f"{_FIGURES}/thresholds.png",
        lambda p, j: {"figure": "thresholds", "metrics": _variants(p, j, "evaluate_seed", "seeds")},
        "plot_metrics",
        has_parameters=False,
    ),
    "plot_training": Row(
        f"{_FIGURES}/training.png",
        lambda p, j: {
            "networks": {
                "seed network": p.made("train_seed", j),
                "AffinityNet": p.made("train_affinity", j),
                "segmentation network": p.made("train_segmentation", j),
            }
        },
        has_parameters=False,
    ),
    "plot_confusion": Row(
        f"{_FIGURES}/val_confusion.png",
        lambda p, j: {
            "figure": "confusion",
            "metrics": _measured(
                p, j, **{"masks of training images": "evaluate_mask", "predictions on val": "evaluate_val"}
            ),
        },
        "plot_metrics",
        has_parameters=False,
    ),
    "plot_classes": Row(
        f"{_FIGURES}/classes.png",
        lambda p, j: {
            "figure": "classes",
            "metrics": _measured(p, j, seeds="evaluate_seed", masks="evaluate_mask", val="evaluate_val"),
        },
        "plot_metrics",
        has_parameters=False,
    ),
    "make_table": Row(
        "results/tables/{dataset}/{name}.md",
        lambda p, j: {
            "table": j.name,
            "tables": _TABLES,
            "metrics": _as_paths(p.tables.table_metrics(j.name, j.dataset)),
            "trainings": p.tables.trainings(p.tables.table_metrics(j.name, j.dataset)),
        },
        beside=(".csv", ".png"),
    ),
    "compare_methods": Row(
        "results/tables/{dataset}/{name}.md",
        lambda p, j: {
            "table": j.name,
            "tables": _TABLES,
            "metrics": _as_paths(p.tables.comparison_metrics(j.name, j.dataset)),
        },
        beside=(".csv", ".png"),
    ),
    "collect_tables": Row(
        "results/tables/{dataset}/tables.md",
        lambda p, j: {
            "seed_tables": [_table(j, table) for table in p.tables.tables],
            "method_tables": [_table(j, table) for table in p.tables.comparisons],
            "trainings": p.tables.all_trainings(j.dataset),
        },
    ),
    "judge_claims": Row(
        "results/{dataset}/claims.md",
        lambda p, j: {"tables": _TABLES, "metrics": _as_paths(p.tables.claim_metrics(j.dataset))},
        beside=(".json",),
    ),
    "plot_seeds": Row(
        f"{_FIGURES}/{{name}}.png",
        lambda p, j: {
            "figure": j.name,
            "tables": _TABLES,
            "data": _data(p, j),
            "columns": _as_paths(p.tables.figure_folders(j.name, j.dataset)),
        },
    ),
}

FIGURES = ("plot_overview", "plot_thresholds", "plot_training", "plot_confusion", "plot_classes")  # of every data set


def _table(job: Job, name: str) -> Path:
    return Path(f"results/tables/{job.dataset}/{name}.csv")


def _as_paths(paths: dict[str, str]) -> dict[str, Path]:
    return {label: Path(path) for label, path in paths.items()}


def job_of(path: Path) -> Job | None:
    """Return the job that makes what has this path, None if no stage of `ROWS` does."""
    for stage, row in sorted(ROWS.items(), key=lambda item: "{name}" in item[1].makes):  # these match most
        pattern = re.escape(row.makes).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        if match := re.fullmatch(pattern, Path(path).as_posix()):
            return Job(stage, **match.groupdict())
    return None
