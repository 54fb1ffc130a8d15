# The pipeline from image-level labels to val mIoU. Targets: results/{dataset}_val_miou.json, any file below
# results/{dataset}/{variant}/ (a variant is `main` or overrides such as tau1=0.5,regularization=none), `figures`,
# results/{dataset}_test_submission.tar.gz, results/tables/{dataset}/table5.md, `tables`, `claims`.
import re
import shlex
import subprocess
import sys
from pathlib import Path

from snakemake.logging import logger
from snakemake.settings.types import DeploymentMethod
from snakemake.utils import min_version
from snakemake_interface_executor_plugins.settings import ExecMode

from wsss.page.report_opening import report_opening
from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.plan.checks import check_no_config, check_place
from wsss.plan.dvc_experiment import borrow_from_checkout, check_experiment
from wsss.plan.refusal import UnknownTargets, refusals
from wsss.plan.resources import JobResources
from wsss.plan.rows import WILDCARDS
from wsss.running import register, say_who_is_here
from wsss.stage_lines import use_stage_lines
from wsss.workflow import Experiments, forced, tell_what_is_forced

min_version("9.0")
# This project's `wsss`, and Snakemake's own Python, whether or not the environment is activated; with --sdm conda, that
# of the activated environment. (Snakemake reads double braces as one.)
path = f' PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'
if DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method:
    path = ""
shell.prefix(
    "set -euo pipefail; export OMP_WAIT_POLICY=PASSIVE"
    f' PYTHONPATH={shlex.quote(workflow.basedir)}:"${{{{PYTHONPATH:-}}}}"{path}; '
)

with refusals():
    check_place(Path(workflow.basedir), Path.cwd())
    check_no_config(config)
if workflow.exec_mode == ExecMode.DEFAULT:
    say_who_is_here(register("snakemake"))
borrow_from_checkout(Path())
with refusals():
    check_experiment(Path("params.yaml"))
    EXPERIMENTS = Experiments("params.yaml")
    TABLES = TableRuns(EXPERIMENTS, "workflow/tables.yaml")
    PLAN = Plan(
        EXPERIMENTS,
        TABLES,
        is_main=workflow.exec_mode == ExecMode.DEFAULT,
        forced=lambda: forced(workflow.dag_settings),
    )
    ASKED = JobResources(EXPERIMENTS, PLAN.gathers)
    # refused here, or below with a traceback
    EXPERIMENTS.parameters(EXPERIMENTS.dataset)


wildcard_constraints:
    **WILDCARDS,


if workflow.exec_mode == ExecMode.DEFAULT:
    use_stage_lines(
        workflow.output_settings,
        logger,
        lambda rule, wildcards: ASKED.work(rule, wildcards, workflow.cores or 1),
    )
config["report_opening"] = report_opening  # for the template


report: "workflow/report/workflow.rst"


include: "workflow/rules/stage.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/seed.smk"
include: "workflow/rules/mask.smk"
include: "workflow/rules/segmentation.smk"
include: "workflow/rules/parts.smk"
include: "workflow/rules/use.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/page.smk"
include: "workflow/rules/tables.smk"


rule all:
    default_target: True
    input:
        PLAN.results(EXPERIMENTS.dataset),
        f"results/{EXPERIMENTS.dataset}/provenance.md",
        f"results/{EXPERIMENTS.dataset}/page",
        rules.figures.input,


UNKNOWN = UnknownTargets(
    [rule.name for rule in workflow.rules if not rule.has_wildcards()],
    [*TABLES.tables, *TABLES.comparisons, *TABLES.figures, *TABLES.lines],
    EXPERIMENTS.params["datasets"],
)


rule unknown:
    input:
        UNKNOWN.inputs,
    output:
        "{target}",
    wildcard_constraints:
        target=UNKNOWN.pattern,


onstart:
    # A stage that finds its product made of what it would make it of ends at once, but not where that is asked for again.
    tell_what_is_forced(PLAN.forced())


onsuccess:
    for product, modules in PLAN.older(PLAN.seen()).items():
        print(
            f"{product}: made by older code ({', '.join(modules)}); -R makes it again, make accept takes it as it is",
            file=sys.stderr,
        )
    # DVC learns what a plain Snakemake run has made.
    subprocess.run([sys.executable, "workflow/scripts/dvc_commit.py"])
