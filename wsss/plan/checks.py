"""What is refused before anything runs: splits, files and choices that a job would need and that are not there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wsss.config.named_files import FILES
from wsss.config.stages import source_of
from wsss.errors import InputError, did_you_mean
from wsss.plan.job import Job
from wsss.plan.rows import ROWS
from wsss.plan.stage_options import named_photos
from wsss.product.making import files_named_by
from wsss.product.record import record_path

if TYPE_CHECKING:
    from wsss.plan.plan import Plan


def check_place(folder: Path, here: Path) -> None:
    """Refuse a project where Snakemake cannot work or this user not write, and a run from another folder than its own.

    Snakemake reads braces in its own path as a name. `here`: where a run reads and writes, which --directory says.
    """
    if set("{}") & set(str(folder)):
        raise InputError(f"{folder}: Snakemake cannot work where a path has braces; rename the folder")
    if here.resolve() != folder.resolve():
        raise InputError(
            f"{here}: not the project's folder, in which alone this workflow works; type "
            f"cd {shlex.quote(str(folder))}, or give that folder as --directory"
        )
    for path in (here, *(here / name for name in (".snakemake", ".snakemake/locks", "results", "data", "logs"))):
        if path.exists() and not os.access(path, os.W_OK | os.X_OK):
            raise InputError(
                f"{path}: this user may not write there; work in a clone of your own, and share results by dvc push "
                "and pull (docs/experiments.md)"
            )


def check_no_config(config: Mapping[str, object]) -> None:
    """Refuse Snakemake's --config and --configfile, of which nothing here reads anything."""
    for key, value in config.items():
        raise InputError(
            f"--config {key}={str(value)[:40]}: nothing reads this; a parameter stands in params.yaml, or in the path "
            "of what is asked for, as in results/mini/tau1=3/seed_metrics.json"
        )


def check_splits(plan: Plan, job: Job) -> None:
    """Refuse a split that is null or that the prepared data do not have."""
    step = {"predict": job.split, "evaluate_labels": "val", "export_test": "test"}.get(job.stage)
    if step is not None and getattr(plan.experiments.parameters(job.dataset).data.splits, step) is None:
        raise InputError(
            f"{plan.product(job)}: datasets.{job.dataset}.data.splits.{step} is null; name a split, or ask for "
            f"{plan.predictions(job.dataset)}"
        )
    known = [path.stem for path in sorted(Path(f"data/{job.dataset}/splits").glob("*.txt"))]
    for key, name in plan.settings(job).items():
        if key.startswith("data.splits.") and known and name not in known:
            raise InputError(
                f"datasets.{job.dataset}.{key}: the data set has no split {name!r}, only {', '.join(known)}"
                f"{did_you_mean(name, known)}"
            )


def check_export(plan: Plan, job: Job) -> None:
    """Refuse to export two CRFs where the confident labels are made of one."""
    if job.stage != "export_crf":
        return
    labels = plan.experiments.parameters(job.dataset, job.variant).affinity_labels.labels
    if labels != "agreement":
        raise InputError(
            f"{plan.product(job)}: affinity_labels.labels is {labels!r}, which has one CRF; out_la_crf and out_ha_crf "
            "are the two of agreement, e.g. of recipe=psa"
        )


def check_own_files(plan: Plan, job: Job) -> None:
    """Refuse files and folders that parameters name and that are not there, if the job has never been done here.

    If it has, its product may be all that is left, and all that is needed.
    """
    product = plan.product(job)
    if job.stage == "segment" and not (photos := named_photos(plan, job)).exists():
        raise InputError(f"{FILES}.{job.photos}: there is no {photos}; name a folder of photos, or a photo")
    if product.exists() or record_path(product).exists() or not ROWS[job.stage].has_parameters:
        return
    parameters = plan.experiments.parameters(job.dataset, job.variant)
    block = f"datasets.{job.dataset}.data" if job.stage == "prepare_data" else job.stage.removeprefix("train_")
    for name, path in files_named_by(job.stage, parameters):
        if name == "foreign" and not path.is_dir():
            key = f"foreign.{source_of(job.stage, parameters)}"
            raise InputError(f"{key}: there is no folder {path}; name the folder that holds an .npy or .png per image")
        if path.exists() or path.parts[0] == "archives":  # a rule fetches those
            continue
        names = ["imagenet", *(plan.experiments.params.get(FILES) or {})]
        meant = did_you_mean(str(path), names) if name == "weights" and len(path.parts) == 1 else ""
        raise InputError(f"{block}.{name.replace('lists_', 'lists.')}: there is no {path}{meant}")
