"""What the workflow's rules ask: inputs and command lines of every stage, and which of it need not be made again."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from wsss.config.foreign import FOREIGN
from wsss.config.stages import ON_GPU, OVER_IMAGES, settings_of, source_of
from wsss.errors import InputError
from wsss.files import write_json
from wsss.paper.table_runs import TableRuns
from wsss.parts import part_names, part_path
from wsss.plan.checks import check_export, check_own_files, check_splits
from wsss.plan.job import Job, Options
from wsss.plan.priorities import Priorities
from wsss.plan.refusal import refusals
from wsss.plan.rows import FIGURES, ROWS, job_of
from wsss.plan.true_masks import check_true_masks, is_measured, lacks_true_masks
from wsss.product.code import changed_code
from wsss.product.digest import digest_of, digest_of_values
from wsss.product.kept import keep, kept_record
from wsss.product.making import LONG_STAGES, files_named_by, may_be_older, wanted_record
from wsss.product.options import paths_of
from wsss.product.record import Record, is_whole, read_record, record_path
from wsss.workflow import Experiments

_STAGES = Path(__file__).parents[2] / "stages"
_OWN_FOLDERS = Path("workflow/own_folders")
_FOREIGN = _OWN_FOLDERS / "foreign"


class Plan:
    """What the workflow asks for its rules: inputs and command lines, of every stage in `ROWS`."""

    def __init__(
        self,
        experiments: Experiments,
        tables: TableRuns,
        is_main: bool = True,
        forced: Callable[[], Collection[str]] = tuple,
    ):
        self.experiments: Experiments = experiments
        self.tables: TableRuns = tables
        self.is_main = is_main  # not a job's own process, which finds everything settled
        self.forced = forced  # rules and files that are asked for though they are there
        self._settled: set[Job] = set()
        self._current: set[Job] = set()
        self._digests: dict[Path, str | None] = {}
        self.priorities = Priorities(tables.lines)

    def job(self, stage: str, wildcards: Any) -> Job:
        """Return the job of a stage that a rule's wildcards name."""
        given = {name: str(value) for name, value in wildcards.items() if name != "archive"}
        name = given.pop("table", "") or given.pop("figure", "") or given.pop("line", "")
        return Job(stage, name=name, **given)

    def made(self, stage: str, job: Job, **changes: str) -> Path:
        """Return the path of what another stage makes for this job's data set and variant, or those given."""
        variant = self.experiments.variant_of(job.dataset, changes.get("variant", job.variant), stage)
        return self.product(Job(stage, job.dataset, variant, changes.get("split", "val"), job.name))

    def product(self, job: Job) -> Path:
        """Return the path of what a job makes."""
        product = Path(ROWS[job.stage].makes.format(**asdict(job)))
        return part_path(product, job.part) if job.part else product

    def parts(self, job: Job) -> list[Path]:
        """Return what jobs over images make of a product that this job gathers; none where it makes all of it itself.

        None, too, for a product that is made already: so another number of jobs makes nothing again.
        """
        count = self.experiments.jobs_over_images(job.stage, job.dataset, job.variant)
        if count == 1 or job.part:
            return []
        parts = [self.product(replace(job, part=name)) for name in part_names(count)]
        if not self.is_main:  # the process of a job that was planned when they were there, or not
            return parts if all(part.exists() for part in parts) else []
        self.settle(job)
        again = {job.stage, str(self.product(job)), "all"} & set(self.forced())
        return parts if again or job not in self._current else []

    def predictions(self, dataset: str) -> Path:
        """Return the path of main's predictions that are a data set's result, of val if there is one."""
        split = self.experiments.parameters(dataset).data.splits.predicted
        return self.product(Job("predict", dataset, split=split))

    def results(self, dataset: str) -> list[Path]:
        """Return what the whole way of a data set ends in: numbers where there are true masks, or else masks."""
        found = []
        if not is_measured(self, dataset, "evaluate_mask"):
            found.append(self.product(Job("inspect_masks", dataset)))
        if is_measured(self, dataset, "evaluate_val"):
            return [self.product(Job("summarize_val", dataset)), *found]
        return [self.predictions(dataset), *found]

    def figures(self, dataset: str) -> list[Path]:
        """Return the figures of a data set that it has something for: true masks, and seeds of its own or another's."""
        jobs = [Job(stage, dataset) for stage in FIGURES]
        possible = (job for job in jobs if lacks_true_masks(self, job) is None)
        return [self.product(job) for job in possible if self.sources(job)]

    def options(self, job: Job) -> Options:
        """Return the options of a job's program, without those for parameters and output."""
        options = {**ROWS[job.stage].options(self, job), "part": job.part}
        return {name: value for name, value in options.items() if value not in (None, [], {}, "")}

    def sources(self, job: Job) -> list[Path]:
        """Return the paths that a job's program reads."""
        return [path for name, value in self.options(job).items() for _, path in paths_of(name, value)]

    def gathers(self, rule: str, wildcards: Mapping[str, Any]) -> bool:
        """Return whether a rule's job only gathers what jobs over images have made."""
        return rule in OVER_IMAGES and bool(self.parts(self.job(rule, wildcards)))

    def maker(self, path: Path) -> Job | None:
        """Return the job that makes what has this path, if one does; a table's is called for its Markdown file."""
        job = job_of(path.with_suffix(".md") if path.suffix == ".csv" else path)
        if job is not None and job.stage == "make_table" and job.name not in self.tables.tables:
            return replace(job, stage="compare_methods")
        return job

    def settings(self, job: Job) -> dict[str, Any]:
        """Return the parameters that a job's program reads itself."""
        if not ROWS[job.stage].has_parameters:
            return {}
        return settings_of(job.stage, self.experiments.parameters(job.dataset, job.variant), job.split)

    def inputs(self, stage: str, wildcards: Any) -> dict[str, list[str]]:
        """Return the inputs of a job: paths by option, the user's own files, and what says that it was planned anew."""
        job = self.job(stage, wildcards)
        check_splits(self, job)
        check_true_masks(self, job)
        check_export(self, job)
        check_own_files(self, job)
        if stage == "calibrate":
            self.priorities.ask_for(job.name, self.behind(self.sources(job)))
        inputs = {
            name: [str(path) for _, path in paths_of(name, value)]
            for name, value in self.options(job).items()
            if not isinstance(value, str | int)
        }
        for name, path in self._own_files(job):
            if path.exists() or path.parts[0] == "archives":  # a rule fetches those
                inputs.setdefault(name, [str(path)])
        inputs["planned"] = [str(self.settle(job))]
        if parts := self.parts(job):
            inputs["parts"] = list(map(str, parts))
        return inputs

    def asks(self, stage: str) -> Callable[[Any], dict[str, list[str]]]:
        """Return the input function of a stage's rule."""

        def inputs(wildcards: Any) -> dict[str, list[str]]:
            with refusals():
                return self.inputs(stage, wildcards)

        return inputs

    def command(self, product: str, threads: int, gpus: int = 0) -> list[str]:
        """Return the words by which the program that makes a product is called, with so many cores and GPUs."""
        job = self.maker(Path(product))
        if job is None:
            raise InputError(f"{product}: no stage makes this")
        row = ROWS[job.stage]
        words = [f"stages/{row.program or job.stage}.py"]
        if row.has_parameters:
            words += ["--dataset", job.dataset]
            words += ["--variant", job.variant] if "{variant}" in row.makes else []
        words += ["--planned", digest_of_values(self.settings(job))]
        for name, value in self.options(job).items():
            values = value if isinstance(value, list) else [value]
            if isinstance(value, dict):
                values = [f"{label}={path}" for label, path in value.items()]
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
        if parts := self.parts(job):
            words += ["--parts", *map(str, parts)]
        words += ["--out", product]
        words += ["--threads", str(threads)] if row.has_threads else []
        return [*words, "--gpus", str(gpus)] if job.stage in ON_GPU else words

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
        options, sources = self.options(job), self.sources(job)
        for path in sources:
            if (maker := self.maker(path)) is not None:
                self.settle(maker)
        self._write_own_folders(job)
        if not planned.exists():
            planned.parent.mkdir(parents=True, exist_ok=True)
            planned.touch()
            os.utime(planned, (1, 1))
        outputs = [product, *(product.with_suffix(suffix) for suffix in ROWS[job.stage].beside)]
        for path in (planned, *outputs):
            if _time(path) > time.time():  # the clock was set back, and Snakemake refuses what is older than its inputs
                _stamp(path, time.time() - 2)
        record = read_record(product)
        if not record_path(product).exists() or not all(output.exists() for output in outputs):
            return planned
        if record is not None and self._is_current(job, options, product, record):
            self._current.add(job)
            newest = max(_time(path) for path in (*sources, planned, *(path for _, path in self._own_files(job))))
            for output in outputs:
                if _time(output) < newest:
                    _stamp(output, max(time.time(), newest + 0.01))
            is_kept = len(outputs) == 1 and not job.part
            if is_kept and kept_record(product, record) != record:  # one that was fetched, say
                keep(product)
        else:
            late = max(time.time(), *(_time(output) + 1 for output in outputs))
            planned.write_text(f"{late}\n")  # Snakemake looks at the content of small files, too
            os.utime(planned, (late, late))
        return planned

    def behind(self, products: Iterable[Path]) -> set[Path]:
        """Return what stages make on the way to products, and these themselves."""
        found: set[Path] = set()
        waiting = list(products)
        while waiting:
            product = waiting.pop()
            if product not in found and (job := self.maker(product)) is not None:
                found.add(product)
                waiting += self.sources(job)
        return found

    def older(self, products: Iterable[Path]) -> dict[Path, list[str]]:
        """Return those of products that older code has made in hours, and which modules have changed since."""
        found = {}
        for product in sorted(products):
            record = read_record(product)
            if record is None or record.stage not in LONG_STAGES:
                continue
            if changed := changed_code(record.known_code(), _STAGES / record.program):
                found[product] = changed
        return found

    def accepted(self, products: Iterable[Path]) -> dict[Path, dict[str, Any]]:
        """Return what the records of products say of code that somebody has accepted for them."""
        records = {product: read_record(product) for product in sorted(products)}
        return {product: record.accepted for product, record in records.items() if record and record.accepted}

    def seen(self) -> set[Path]:
        """Return the products of all jobs that were planned."""
        return {self.product(job) for job in self._settled}

    def _is_current(self, job: Job, options: Options, product: Path, record: Record) -> bool:
        if not self._asks_for(record, job, options) or not is_whole(product, record, self._content):
            return False
        changed = changed_code(record.known_code(), _STAGES / f"{ROWS[job.stage].program or job.stage}.py")
        return not changed or may_be_older(record)

    def _asks_for(self, record: Record, job: Job, options: Options) -> bool:
        """Return whether a job's program would make today what a record says: of the same parameters and inputs."""
        row = ROWS[job.stage]
        given: dict[str, Any] = dict(options)
        if row.has_parameters:
            given["parameters"] = self.experiments.parameters(job.dataset, job.variant)
        stage = str(options.get("step", row.program or job.stage))  # as its program calls itself
        try:
            return record.asks_for(wanted_record(stage, given, self._content))
        except InputError:  # an unset variable: the stage says it better
            return False

    def _write_own_folders(self, job: Job) -> None:
        """Write down what the user's own folders and files hold, for DVC, which does not look outside the project.

        Those of a data set in a file of its name, and each of another method's in one below `foreign`.
        """
        files = dict(self._own_files(job))
        if "foreign" in files:
            source = source_of(job.stage, self.experiments.parameters(job.dataset, job.variant))
            _write_content(_FOREIGN / f"{source}.json", {"content": self._content(files["foreign"])})
        if job.stage != "prepare_data":
            return
        known = _OWN_FOLDERS / f"{job.dataset}.json"
        if "root" in files:
            names = {"content" if name == "root" else name: path for name, path in files.items()}
            _write_content(known, {name: self._content(path) for name, path in names.items()})
        else:
            known.unlink(missing_ok=True)
        for of_foreign in _FOREIGN.glob("*.json"):
            if of_foreign.stem not in (self.experiments.params.get(FOREIGN) or {}):
                of_foreign.unlink()

    def _content(self, path: Path) -> str | None:
        """Return the digest of what is there; where nothing is, of what was, if the same would be made today."""
        if path not in self._digests:
            digest = digest_of(path)
            if digest is None and (record := read_record(path)) is not None and self._would_be_made(path, record):
                digest = record.product
            self._digests[path] = digest
        return self._digests[path]

    def _would_be_made(self, product: Path, record: Record) -> bool:
        """Return whether what a record says would be made today, if a stage makes it at all."""
        job = self.maker(product)
        return job is None or self._asks_for(record, job, self.options(job))

    def _own_files(self, job: Job) -> list[tuple[str, Path]]:
        if not ROWS[job.stage].has_parameters:
            return []
        try:
            return list(files_named_by(job.stage, self.experiments.parameters(job.dataset, job.variant)))
        except InputError:  # an unset variable: the stage says it better, and only when it comes to that
            return []


def _time(path: Path) -> float:
    """Return when a product was made, as Snakemake reads it: a folder has a file for it."""
    for one in (path / ".snakemake_timestamp", path):
        try:
            return one.lstat().st_mtime
        except OSError:
            continue
    return 0.0


def _write_content(known: Path, content: dict[str, str | None]) -> None:
    if not known.exists() or json.loads(known.read_text()) != content:
        write_json(known, content)


def _stamp(path: Path, when: float) -> None:
    stamp = path / ".snakemake_timestamp" if path.is_dir() else path
    stamp.touch()
    os.utime(stamp, (when, when))
