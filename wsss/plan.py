"""The pipeline as a table: what each stage makes, and what it is given; and which of it need not be made again.

A rule of the workflow asks here for its inputs and its command line. Adding a stage is its program, its rule, and one
row in `ROWS`. No torch in here.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from wsss.config.blocks import SEED_NETWORK
from wsss.config.stages import settings_of
from wsss.errors import InputError, did_you_mean
from wsss.files import write_json
from wsss.paper.table_runs import TableRuns
from wsss.product.code import changed_code
from wsss.product.digest import digest_of, digest_of_values
from wsss.product.kept import keep, kept_record
from wsss.product.making import NAMED_ONLY, Value, files_named_by, paths_of, wanted_record
from wsss.product.record import Record, is_whole, read_record, record_path
from wsss.workflow import PRODUCTS, Experiments

_STAGES = Path(__file__).parents[1] / "stages"
_OWN_FOLDERS = Path("workflow/own_folders")
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


class Plan:
    """What the workflow asks for its rules: inputs and command lines, of every stage in `ROWS`."""

    def __init__(self, experiments: Experiments, tables: TableRuns, is_main: bool = True):
        self.experiments, self.tables = experiments, tables
        self.is_main = is_main  # not a job's own process, which finds everything settled
        self._older: set[Path] = set()  # products made by older code
        self._settled: set[Job] = set()
        self._digests: dict[Path, str | None] = {}

    def job(self, stage: str, wildcards: Any) -> Job:
        """Return the job of a stage that a rule's wildcards name."""
        given = {name: str(value) for name, value in wildcards.items() if name != "archive"}
        name = given.pop("table", "") or given.pop("figure", "")
        return Job(stage, name=name, **given)

    def made(self, stage: str, job: Job, **changes: str) -> Path:
        """Return the path of what another stage makes for this job's data set and variant, or those given."""
        dataset, variant = job.dataset, changes.pop("variant", job.variant)
        own = self.experiments.variant_of(dataset, variant, stage)
        values = {"dataset": dataset, "variant": own, "split": "val", "name": job.name, **changes}
        return Path(ROWS[stage].makes.format(**values))

    def product(self, job: Job) -> Path:
        """Return the path of what a job makes."""
        values = {"dataset": job.dataset, "variant": job.variant, "split": job.split, "name": job.name}
        return Path(ROWS[job.stage].makes.format(**values))

    def options(self, job: Job) -> Options:
        """Return the options of a job's program, without those for parameters and output."""
        return {
            name: value for name, value in ROWS[job.stage].options(self, job).items() if value not in (None, [], {})
        }

    def inputs(self, stage: str, wildcards: Any) -> dict[str, list[str]]:
        """Return the inputs of a job: paths by option, the user's own files, and what says that it was planned anew."""
        job = self.job(stage, wildcards)
        self._check_splits(job)
        inputs = {
            name: [str(path) for _, path in paths_of(name, value)]
            for name, value in self.options(job).items()
            if not isinstance(value, str | int)
        }
        for name, path in self._own_files(job):
            if path.exists() or path.parts[0] == "archives":  # a rule fetches those
                inputs.setdefault(name, [str(path)])
        return inputs | {"planned": [str(self.settle(job))]}

    def command(self, stage: str, wildcards: Any) -> list[str]:
        """Return the words by which a job's program is called, but for --out and --threads."""
        job = self.job(stage, wildcards)
        words = ["--step", stage] if ROWS[stage].program == "evaluate" else []
        if ROWS[stage].has_parameters:
            words += ["--dataset", job.dataset]
            words += ["--variant", job.variant] if "{variant}" in ROWS[stage].makes else []
        words += ["--planned", digest_of_values(self._settings(job))]
        for name, value in self.options(job).items():
            values = value if isinstance(value, list) else [value]
            if isinstance(value, dict):
                values = [f"{label}={path}" for label, path in value.items()]
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
        return words

    def settle(self, job: Job) -> Path:
        """Return the file that says when a job was last planned anew; this makes the times right that planners compare.

        What the record beside a product says counts: if the job would make the same of the same today, the product is
        stamped newer than its inputs, whatever has touched, copied or fetched either. If not, the file is. A product
        without a record is left to its times; one with a broken record, or an older version's, is made again.
        """
        product = self.product(job)
        planned = product.parent / ".planned" / product.name
        if not self.is_main or job in self._settled:
            return planned
        self._settled.add(job)
        options = self.options(job)
        sources = [path for name, value in options.items() for _, path in paths_of(name, value)]
        for path in sources:
            if (maker := self._maker(path)) is not None:
                self.settle(maker)
        if job.stage == "prepare_data":
            self._tell_of_own_folder(job)
        if not planned.exists():
            planned.parent.mkdir(parents=True, exist_ok=True)
            planned.touch()
            os.utime(planned, (1, 1))
        outputs = [product, *(product.with_suffix(suffix) for suffix in ROWS[job.stage].beside)]
        record = read_record(product)
        if not record_path(product).exists() or not all(output.exists() for output in outputs):
            return planned
        if record is not None and self._is_current(job, options, product, record):
            newest = max(_time(path) for path in (*sources, planned, *(path for _, path in self._own_files(job))))
            for output in outputs:
                if _time(output) < newest:
                    _stamp(output, max(time.time(), newest + 0.01))
            if len(outputs) == 1 and kept_record(product) != record:  # one that was fetched, say
                keep(product)
        else:
            late = max(time.time(), *(_time(output) + 1 for output in outputs))
            planned.write_text(f"{late}\n")  # Snakemake looks at the content of small files, too
            os.utime(planned, (late, late))
        return planned

    def older(self) -> dict[Path, list[str]]:
        """Return the products of stages of hours that older code has made, and which modules have changed since."""
        found = {}
        for product in sorted(self._older):
            record = read_record(product)
            if record is not None and (changed := changed_code(record.code, _STAGES / record.program)):
                found[product] = changed
        return found

    def _maker(self, path: Path) -> Job | None:
        """Return the job that makes an input; a table's is called for its Markdown file."""
        job = job_of(path.with_suffix(".md") if path.suffix == ".csv" else path)
        if job is not None and job.stage == "make_table" and job.name not in self.tables.tables:
            return replace(job, stage="compare_methods")
        return job

    def _is_current(self, job: Job, options: Options, product: Path, record: Record) -> bool:
        row = ROWS[job.stage]
        given: dict[str, Any] = dict(options)
        if row.has_parameters:
            given["parameters"] = self.experiments.parameters(job.dataset, job.variant)
        if row.program == "evaluate":
            given["step"] = job.stage
        stage = job.stage if row.program in (None, "evaluate") else row.program
        try:
            wanted = wanted_record(stage, given, self._content)
        except InputError:  # an unset variable: the stage says it better
            return False
        if not record.asks_for(wanted) or not is_whole(product, record, self._content):
            return False
        changed = changed_code(record.code, _STAGES / f"{row.program or job.stage}.py")
        if changed and stage not in NAMED_ONLY:
            return False
        if changed:
            self._older.add(product)
        return True

    def _check_splits(self, job: Job) -> None:
        """Refuse a split that the prepared data do not have, before anything runs."""
        known = [path.stem for path in sorted(Path(f"data/{job.dataset}/splits").glob("*.txt"))]
        for key, name in self._settings(job).items():
            if key.startswith("data.splits.") and known and name not in known:
                raise InputError(
                    f"datasets.{job.dataset}.{key}: the data set has no split {name!r}, only {', '.join(known)}"
                    f"{did_you_mean(name, known)}"
                )

    def _tell_of_own_folder(self, job: Job) -> None:
        """Write down what a data set's own folder holds, for DVC, which does not look outside the project."""
        folder, known = dict(self._own_files(job)).get("root"), _OWN_FOLDERS / f"{job.dataset}.json"
        if folder is None:
            known.unlink(missing_ok=True)
            return
        content = {"content": self._content(folder)}
        if not known.exists() or json.loads(known.read_text()) != content:
            write_json(known, content)

    def _content(self, path: Path) -> str | None:
        """Return the digest of what is there, or, where nothing is, of what its record says was there."""
        if path not in self._digests:
            digest = digest_of(path)
            if digest is None and (record := read_record(path)) is not None:
                digest = record.product
            self._digests[path] = digest
        return self._digests[path]

    def _settings(self, job: Job) -> dict[str, Any]:
        if not ROWS[job.stage].has_parameters:
            return {}
        return settings_of(job.stage, self.experiments.parameters(job.dataset, job.variant), job.split)

    def _own_files(self, job: Job) -> list[tuple[str, Path]]:
        if not ROWS[job.stage].has_parameters:
            return []
        try:
            return list(files_named_by(job.stage, self.experiments.parameters(job.dataset, job.variant)))
        except InputError:  # an unset variable: the stage says it better, and only when it comes to that
            return []


def job_of(path: Path) -> Job | None:
    """Return the job that makes what has this path, None if no stage of `ROWS` does."""
    for stage, row in sorted(ROWS.items(), key=lambda item: "{name}" in item[1].makes):  # these match most
        pattern = re.escape(row.makes).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        if match := re.fullmatch(pattern, Path(path).as_posix()):
            return Job(stage, **match.groupdict())
    return None


def _time(path: Path) -> float:
    """Return when a product was made, as Snakemake reads it: a folder has a file for it."""
    for one in (path / ".snakemake_timestamp", path):
        try:
            return one.lstat().st_mtime
        except OSError:
            continue
    return 0.0


def _stamp(path: Path, when: float) -> None:
    stamp = path / ".snakemake_timestamp" if path.is_dir() else path
    stamp.touch()
    os.utime(stamp, (when, when))


def _variants(plan: Plan, job: Job, stage: str, what: str) -> dict[str, Path]:
    """Return {label: what `stage` makes} of main and the experiments that params.yaml shows beside it."""
    shown = plan.experiments.shown(what, job.dataset)
    return {label: plan.made(stage, job, variant=variant) for label, variant in shown.items()}


def _start(block: str) -> Callable[[Plan, Job], Options]:
    """Return the option of a training that starts from a seed network, which another stage makes."""

    def options(plan: Plan, job: Job) -> Options:
        starts = getattr(plan.experiments.parameters(job.dataset, job.variant), block).weights == SEED_NETWORK
        return {"weights": plan.made("train_seed", job)} if starts else {}

    return options


def _data(plan: Plan, job: Job) -> Path:
    return plan.made("prepare_data", job)


def _reads(**stages: str) -> Callable[[Plan, Job], Options]:
    """Return the options of a stage that reads the data and what these stages make, by option."""

    def options(plan: Plan, job: Job) -> Options:
        return {"data": _data(plan, job), **{option: plan.made(stage, job) for option, stage in stages.items()}}

    return options


def _masks(plan: Plan, job: Job) -> Path | None:
    """Return what the segmentation network is trained on: masks from seeds, or none, for those of the data."""
    supervision = plan.experiments.parameters(job.dataset, job.variant).segmentation.supervision
    return plan.made("make_mask", job) if supervision == "masks" else None


def _sources(plan: Plan, job: Job) -> Options:
    return {"sources": [Path(folder) for folder in plan.experiments.unpacked(job.dataset)]}


def _summary(plan: Plan, job: Job) -> Options:
    metrics = {f"main/{what}": plan.made(f"evaluate_{what}", job) for what in ("seed", "mask", "val")}
    for kind, what in (("seeds", "seed"), ("val", "val")):
        for label, variant in plan.experiments.compared(kind, job.dataset).items():
            metrics[f"{label}/{what}"] = plan.made(f"evaluate_{what}", job, variant=variant)
    return {"metrics": metrics}


def _made(stage: str) -> str:
    return f"results/{{dataset}}/{{variant}}/{PRODUCTS[stage]}"


_TABLES = Path("workflow/tables.yaml")
_FIGURES = "results/{dataset}/figures"

ROWS: dict[str, Row] = {
    "prepare_data": Row("data/{dataset}", _sources),
    "inspect_data": Row("results/{dataset}/data.html", _reads()),
    "resolve_params": Row("results/{dataset}/{variant}/params.yaml", lambda p, j: {}),
    "train_seed": Row(_made("train_seed"), lambda p, j: _reads()(p, j) | _start("seed")(p, j)),
    "extract_seed": Row(_made("extract_seed"), _reads(network="train_seed")),
    "extract_features": Row(_made("extract_features"), _reads(network="train_seed")),
    "evaluate_seed": Row(_made("evaluate_seed"), _reads(made="extract_seed"), "evaluate"),
    "label_affinity": Row(_made("label_affinity"), _reads(seeds="extract_seed")),
    "train_affinity": Row(
        _made("train_affinity"),
        lambda p, j: _reads(labels="label_affinity")(p, j) | _start("affinity")(p, j),
    ),
    "make_mask": Row(_made("make_mask"), _reads(seeds="extract_seed", network="train_affinity")),
    "evaluate_mask": Row(_made("evaluate_mask"), _reads(made="make_mask"), "evaluate"),
    "train_segmentation": Row(
        _made("train_segmentation"),
        lambda p, j: {"data": _data(p, j), "masks": _masks(p, j)} | _start("segmentation")(p, j),
    ),
    "predict": Row(
        _made("predict"),
        lambda p, j: _reads(network="train_segmentation")(p, j) | {"split": j.split},
    ),
    "evaluate_val": Row(_made("evaluate_val"), _reads(made="predict"), "evaluate"),
    "summarize_val": Row("results/{dataset}_val_miou.json", _summary),
    "export_test": Row(
        "results/{dataset}_test_submission.tar.gz",
        lambda p, j: {"data": _data(p, j), "predictions": p.made("predict", j, split="test")},
    ),
    "plot_overview": Row(
        f"{_FIGURES}/overview.png",
        lambda p, j: {
            "data": _data(p, j),
            "seeds": _variants(p, j, "extract_seed", "seeds"),
            "seed_metrics": p.made("evaluate_seed", j),
            "labels": p.made("label_affinity", j),
            "masks": p.made("make_mask", j),
            "predictions": _variants(p, j, "predict", "val"),
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
            "metrics": {
                "masks of training images": p.made("evaluate_mask", j),
                "predictions on val": p.made("evaluate_val", j),
            },
        },
        "plot_metrics",
        has_parameters=False,
    ),
    "plot_classes": Row(
        f"{_FIGURES}/classes.png",
        lambda p, j: {
            "figure": "classes",
            "metrics": {
                "seeds": p.made("evaluate_seed", j),
                "masks": p.made("evaluate_mask", j),
                "val": p.made("evaluate_val", j),
            },
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


def _table(job: Job, name: str) -> Path:
    return Path(f"results/tables/{job.dataset}/{name}.csv")


def _as_paths(paths: dict[str, str]) -> dict[str, Path]:
    return {label: Path(path) for label, path in paths.items()}
