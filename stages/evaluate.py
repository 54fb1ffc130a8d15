"""Evaluate what a step made against the true masks: mIoU, FPR, FNR, per class.

python stages/evaluate.py --step evaluate_seed --dataset mini --data data/mini \
    --made results/mini/main/seeds --out results/mini/main/seed_metrics.json

--step is `evaluate_seed` (seeds, at the best of 256 thresholds), `evaluate_mask` (masks of training images) or
`evaluate_val` (predictions on val); --made the folder that holds them.
"""

from pathlib import Path
from typing import Any

from wsss.affinity.background import tuned_on
from wsss.config import Parameters
from wsss.config.choices import LAYOUTS
from wsss.config.stages import MEASURED
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, did_you_mean
from wsss.evaluation.evaluate import evaluate_masks, evaluate_predictions, evaluate_seeds
from wsss.files import write_json
from wsss.stage import main

STEPS = {
    "evaluate_seed": evaluate_seeds,
    "evaluate_mask": evaluate_masks,
    "evaluate_val": evaluate_predictions,
}


def run(parameters: Parameters, *, step: str, data: Path, made: Path, out: Path, threads: int) -> int:
    """Write the metrics to the JSON file `out`, what each image adds to the CSV file beside it; return how many."""
    if step not in STEPS:
        raise InputError(f"--step: no evaluation {step!r}{did_you_mean(step, STEPS)}")
    key = MEASURED[step]
    split = getattr(parameters.data.splits, key)
    if split is None:
        raise InputError(f"datasets.{parameters.dataset}.data.splits.{key} is null: there is nothing to measure on")
    metrics = STEPS[step](PreparedDataset(data), split, made, threads, out.with_suffix(".csv"))
    about = {"overlaps": LAYOUTS[parameters.data.layout].overlaps}
    if step == "evaluate_mask":
        about["tuned_on"] = tuned_on(parameters.mask, f"{parameters.data.splits.evaluate} of {parameters.dataset}")
    write_json(out, metrics | {key: text for key, text in about.items() if text is not None})
    print(f"{made}: {_in_words(metrics)}")
    return metrics["images"]


def _in_words(metrics: dict[str, Any]) -> str:
    """Return what the end of a stage says of its metrics."""
    text = f"mIoU {metrics['miou']:.2f}, FPR {metrics['fpr']:.2f}, FNR {metrics['fnr']:.2f}"
    if "labelled_only" in metrics:
        labelled = metrics["labelled_only"]
        text += f" on all {metrics['images']} images; mIoU {labelled['miou']:.2f} on the {labelled['images']} labelled"
    if "images_without_mask" in metrics:
        text += f"; {metrics['images_without_mask']} more have no true mask"
    if "empty_seeds" in metrics:
        text += f"; {metrics['empty_seeds']} of {metrics['seeds']} classes that are present have no seed at all"
    if "images_lacking_a_class" in metrics:
        text += f"; {metrics['images_lacking_a_class']} of {metrics['images']} masks lack a class of their image"
    return text


if __name__ == "__main__":
    main(run, beside=True)
