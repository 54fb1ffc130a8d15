"""What the program that makes the page of a result is given: every experiment that is shown, and what it has made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from wsss.config.differences import differences
from wsss.page.experiment import STEPS, shown_variants
from wsss.paper.published import published
from wsss.plan.job import Job, Options
from wsss.plan.stage_options import NETWORKS, data, is_needed
from wsss.plan.true_masks import is_measured

if TYPE_CHECKING:
    from wsss.plan.plan import Plan

_LOOK = Path("wsss/page/look")  # an input, as records know of no code but Python
_OF_SEEDS = {"seeds": "extract_seed", "seed_metrics": "evaluate_seed"}
_OF_MASKS = {
    **{"labels": "label_affinity", "masks": "make_mask", "mask_metrics": "evaluate_mask"},
    "mask_quality": "inspect_masks",
}
_OF_VAL = {"predictions": "predict", "val_metrics": "evaluate_val"}


def page(plan: Plan, job: Job) -> Options:
    """Return the options: {option: {label: path}} of the experiments that are shown, and what is said of them.

    These are the ones that the job names, or else main and those compared with it.
    """
    shown = _shown(plan, job)
    options: Options = {"data": data(plan, job), "look": _LOOK}
    if job.experiments:
        options["experiments"] = json.dumps(shown)
    stages = _OF_SEEDS | _OF_MASKS | _OF_VAL
    for option, stage in stages.items():
        options[option] = {
            label: _made(plan, job, variant, stage)
            for label, variant in shown.items()
            if option in _own(plan, job, variant) and _is_possible(plan, job.dataset, stage)
        }
    options["networks"] = _networks(plan, job, shown)
    given = [path for value in options.values() if isinstance(value, dict) for path in value.values()]
    options["products"] = "; ".join(map(str, sorted(plan.behind(given))))
    paper = _paper(plan, job, shown)
    options["paper"] = json.dumps(paper) if paper else ""
    options["changed"] = json.dumps(differences(plan.experiments.params, job.dataset))
    return options


def _shown(plan: Plan, job: Job) -> dict[str, str]:
    """Return {label: variant}, as they are named, or main first, under the labels that the figures give them.

    One that no figure shows is called by its overrides, without the signs that an option's labels cannot have.
    """
    compare = plan.experiments.parameters(job.dataset).compare
    main = next(label for label, variant in plan.experiments.shown("val", job.dataset).items() if variant == "main")
    compared = {main: "main"} | shown_variants(compare.seed_experiments, compare.val_experiments)
    if not job.experiments:
        return compared
    labels = {variant: label for label, variant in reversed(compared.items())}
    named = dict.fromkeys(job.experiments.split("+"))
    return {labels.get(variant, variant.replace("=", " ").replace(",", ", ")): variant for variant in named}


def _own(plan: Plan, job: Job, variant: str) -> set[str]:
    """Return the options that an experiment has something of its own for.

    Main has all that is not another method's. Of one that is compared by its seeds, only they are made; one that is
    compared by its predictions, or named by the job, has seeds and masks where they are not main's, and trained on.
    """
    compare = plan.experiments.parameters(job.dataset).compare
    parameters = plan.experiments.parameters(job.dataset, variant)
    stages = _OF_SEEDS | _OF_MASKS | _OF_VAL
    own = set(stages) if variant == "main" else set()
    own |= set(_OF_SEEDS) if variant in compare.seed_experiments.values() else set()
    if variant != "main" and (job.experiments or variant in compare.val_experiments.values()):
        own |= set(_OF_VAL)
        if parameters.segmentation.supervision == "masks":
            before = _OF_SEEDS | _OF_MASKS
            own |= {option for option, stage in before.items() if _variant(plan, job, variant, stage) != "main"}
    return {option for option in own if is_needed(plan, job.dataset, variant, stages[option])}


def _is_possible(plan: Plan, dataset: str, stage: str) -> bool:
    """Return whether a stage has the true masks that it needs; one that does without, whether there are none."""
    if stage == "inspect_masks":
        return not is_measured(plan, dataset, "evaluate_mask")
    return stage not in ("evaluate_seed", "evaluate_mask", "evaluate_val") or is_measured(plan, dataset, stage)


def _made(plan: Plan, job: Job, variant: str, stage: str) -> Path:
    split = plan.experiments.parameters(job.dataset).data.splits.predicted
    return plan.made(stage, job, variant=variant, split=split)


def _variant(plan: Plan, job: Job, variant: str, stage: str) -> str:
    return plan.experiments.variant_of(job.dataset, variant, stage)


def _networks(plan: Plan, job: Job, shown: dict[str, str]) -> dict[str, Path]:
    """Return {"experiment: network": folder} of the trainings behind what is shown, each once."""
    found: dict[Path, str] = {}
    for label, variant in shown.items():
        own = _own(plan, job, variant)
        for name, stage in NETWORKS.items():
            made = {"train_seed": "seeds", "train_affinity": "masks", "train_segmentation": "predictions"}[stage]
            if made in own and is_needed(plan, job.dataset, variant, stage):
                found.setdefault(_made(plan, job, variant, stage), f"{label}: {name}")
    return {label: path for path, label in found.items()}


def _paper(plan: Plan, job: Job, shown: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return the paper's rates by "label/step", of the runs of its tables that are shown, for VOC and COCO only."""
    known = published(plan.tables, job.dataset)
    return {
        f"{label}/{step}": {rate: f"{value:.1f}" for rate, value in known[path].items()}
        for label, variant in shown.items()
        for step in STEPS
        if (path := str(_made(plan, job, variant, f"evaluate_{step}"))) in known
    }
