"""The pipeline as a table: what each stage makes, and what its program is given. No torch in here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wsss.config.stages import OVER_IMAGES
from wsss.parts import PATTERN, product_of_part
from wsss.plan.job import Given, Job
from wsss.plan.page_options import page
from wsss.plan.stage_options import (
    NETWORKS,
    as_paths,
    calibration_files,
    calibration_line,
    data,
    exported,
    in_step,
    label_metrics,
    masks,
    measured,
    named_photos,
    needed,
    overview,
    reads,
    reads_needed,
    records,
    sources,
    start,
    summary,
    table_file,
    variants,
    walks,
)
from wsss.workflow import PRODUCTS

if TYPE_CHECKING:
    from wsss.plan.plan import Plan

# the wildcards of the paths that stages make, as regular expressions
WILDCARDS = {"dataset": r"[^/]+", "variant": r"main|[^/]*=[^/]*", "split": "val|test|train", "photos": r"[^/.][^/]*"}
WILDCARDS |= {"experiments": WILDCARDS["variant"], "ids": r"[^/.][^/]*", "part": PATTERN}


class Row(NamedTuple):
    """What a stage makes, and the options of its program: paths, lists and {label: path} of them, and plain values."""

    makes: str
    options: Callable[[Plan, Job], Given]
    program: str | None = None  # where it is not called as the stage is
    beside: tuple[str, ...] = ()  # suffixes of what else it writes
    has_parameters: bool = True
    has_threads: bool = False  # whether it can use several cores


def _made(stage: str) -> str:
    return f"results/{{dataset}}/{{variant}}/{PRODUCTS[stage]}"


_TABLES = Path("workflow/tables.yaml")
_FIGURES = "results/{dataset}/figures"


def _evaluation(stage: str, measured: str) -> Row:
    return Row(_made(stage), in_step(measured), "evaluate", beside=(".csv",), has_threads=True)


ROWS: dict[str, Row] = {
    "prepare_data": Row("data/{dataset}", sources, has_threads=True),
    "inspect_data": Row("results/{dataset}/data.html", reads(), has_threads=True),
    "smoke": Row("results/{dataset}/smoke.md", reads(), has_threads=True),
    "resolve_params": Row("results/{dataset}/{variant}/params.yaml", lambda p, j: {}),
    "train_seed": Row(_made("train_seed"), lambda p, j: reads()(p, j) | start("seed")(p, j), has_threads=True),
    "extract_seed": Row(_made("extract_seed"), reads_needed(network="train_seed"), has_threads=True),
    "extract_features": Row(_made("extract_features"), reads(network="train_seed"), has_threads=True),
    "evaluate_labels": Row(_made("evaluate_labels"), reads(network="train_seed"), has_threads=True),
    "evaluate_seed": _evaluation("evaluate_seed", "extract_seed"),
    "label_affinity": Row(_made("label_affinity"), reads(seeds="extract_seed"), has_threads=True),
    "train_affinity": Row(
        _made("train_affinity"),
        lambda p, j: reads(labels="label_affinity")(p, j) | start("affinity")(p, j),
        has_threads=True,
    ),
    "make_mask": Row(_made("make_mask"), walks, has_threads=True),
    "evaluate_mask": _evaluation("evaluate_mask", "make_mask"),
    "inspect_masks": Row(
        _made("inspect_masks"),
        lambda p, j: reads_needed(labels="label_affinity", masks="make_mask")(p, j) | label_metrics(p, j),
        beside=(".html",),
        has_threads=True,
    ),
    "train_segmentation": Row(
        _made("train_segmentation"),
        lambda p, j: {"data": data(p, j), "masks": masks(p, j)} | start("segmentation")(p, j),
        has_threads=True,
    ),
    "predict": Row(
        _made("predict"),
        lambda p, j: reads(network="train_segmentation")(p, j) | {"split": j.split},
        has_threads=True,
    ),
    "evaluate_val": _evaluation("evaluate_val", "predict"),
    "summarize_val": Row("results/{dataset}_val_miou.json", summary),
    "write_provenance": Row("results/{dataset}/provenance.md", records),
    "write_cost": Row("results/{dataset}/cost.md", lambda p, j: {"products": records(p, j)["products"]}),
    "export_test": Row(
        "results/{dataset}_test_submission.tar.gz",
        lambda p, j: {"data": data(p, j), "predictions": p.made("predict", j, split="test")},
    ),
    "export_model": Row(_made("export_model"), exported),
    "export_onnx": Row(_made("export_onnx"), lambda p, j: {"model": p.made("export_model", j)}, has_parameters=False),
    "segment": Row(
        _made("segment"),
        lambda p, j: {"model": p.made("export_model", j), "photos": named_photos(p, j), "bad_files": "list"},
        has_parameters=False,
        has_threads=True,
    ),
    "export_seed_model": Row(
        _made("export_seed_model"),
        lambda p, j: {
            **reads(network="train_seed")(p, j),
            "metrics": measured(p, j, seeds="evaluate_seed"),
            **label_metrics(p, j),
        },
    ),
    "export_seeds": Row(_made("export_seeds"), in_step("extract_seed"), "export", has_threads=True),
    "export_crf": Row(_made("export_crf"), in_step("extract_seed"), "export", has_threads=True),
    "export_masks": Row(_made("export_masks"), in_step("make_mask"), "export", has_threads=True),
    "export_labels": Row(
        _made("export_labels"), lambda p, j: {"step": j.stage, "data": data(p, j)}, "export", has_threads=True
    ),
    "plot_overview": Row(f"{_FIGURES}/overview.png", overview, beside=(".pdf",)),
    "plot_images": Row(
        f"{_FIGURES}/of/{{ids}}.png",
        lambda p, j: {**overview(p, j), "ids": j.ids},
        "plot_overview",
        beside=(".pdf",),
    ),
    "plot_thresholds": Row(
        f"{_FIGURES}/thresholds.png",
        lambda p, j: {"figure": "thresholds", "metrics": variants(p, j, "evaluate_seed", "seeds")},
        "plot_metrics",
        has_parameters=False,
        beside=(".pdf",),
    ),
    "plot_training": Row(
        f"{_FIGURES}/training.png",
        lambda p, j: {
            "networks": needed(p, j, **NETWORKS),
        },
        has_parameters=False,
        beside=(".pdf",),
    ),
    "plot_confusion": Row(
        f"{_FIGURES}/val_confusion.png",
        lambda p, j: {
            "figure": "confusion",
            "metrics": measured(
                p, j, **{"masks of training images": "evaluate_mask", "predictions on val": "evaluate_val"}
            ),
        },
        "plot_metrics",
        has_parameters=False,
        beside=(".pdf",),
    ),
    "plot_classes": Row(
        f"{_FIGURES}/classes.png",
        lambda p, j: {
            "figure": "classes",
            "metrics": measured(p, j, seeds="evaluate_seed", masks="evaluate_mask", val="evaluate_val"),
        },
        "plot_metrics",
        has_parameters=False,
        beside=(".pdf",),
    ),
    "make_page": Row("results/{dataset}/page", page, has_threads=True),
    "compare_page": Row("results/{dataset}/pages/{experiments}", page, "make_page", has_threads=True),
    "make_table": Row(
        "results/tables/{dataset}/{name}.md",
        lambda p, j: {
            "table": j.name,
            "tables": _TABLES,
            "metrics": as_paths(p.tables.table_metrics(j.name, j.dataset)),
            "trainings": p.tables.trainings(p.tables.table_metrics(j.name, j.dataset)),
        },
        beside=(".csv", ".tex", ".png", ".pdf"),
    ),
    "compare_methods": Row(
        "results/tables/{dataset}/{name}.md",
        lambda p, j: {
            "table": j.name,
            "tables": _TABLES,
            "metrics": as_paths(p.tables.comparison_metrics(j.name, j.dataset)),
        },
        beside=(".csv", ".tex", ".png", ".pdf"),
    ),
    "collect_tables": Row(
        "results/tables/{dataset}/tables.md",
        lambda p, j: {
            "seed_tables": [table_file(j, table) for table in p.tables.tables],
            "method_tables": [table_file(j, table) for table in p.tables.comparisons],
            "trainings": p.tables.all_trainings(j.dataset),
        },
    ),
    "judge_claims": Row(
        "results/{dataset}/claims.md",
        lambda p, j: {"tables": _TABLES, "metrics": as_paths(p.tables.claim_metrics(j.dataset))},
        beside=(".json",),
    ),
    "calibrate": Row(
        "results/{dataset}/calibration/{name}.json",
        lambda p, j: {"line": j.name, "tables": _TABLES, **calibration_line(p, j)},
    ),
    "calibration_page": Row(
        "results/{dataset}/calibration.md", lambda p, j: {"tables": _TABLES, "lines": calibration_files(p, j)}
    ),
    "plot_seeds": Row(
        f"{_FIGURES}/{{name}}.png",
        lambda p, j: {
            "figure": j.name,
            "tables": _TABLES,
            "data": data(p, j),
            "columns": as_paths(p.tables.figure_folders(j.name, j.dataset)),
        },
        beside=(".pdf",),
    ),
}

FIGURES = ("plot_overview", "plot_thresholds", "plot_training", "plot_confusion", "plot_classes")  # of every data set
EXPORTS = ("export_model", "export_onnx", "export_seed_model")


def job_of(path: Path) -> Job | None:
    """Return the job that makes what has this path, None if no stage of `ROWS` does."""
    if (of_part := product_of_part(Path(path))) is not None:
        product, part = of_part
        job = job_of(product)
        return None if job is None or job.stage not in OVER_IMAGES else replace(job, part=part)
    for stage, row in sorted(ROWS.items(), key=lambda item: "{name}" in item[1].makes):  # these match most
        pattern = re.escape(row.makes).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        if match := re.fullmatch(pattern, Path(path).as_posix()):
            return Job(stage, **match.groupdict())
    return None
