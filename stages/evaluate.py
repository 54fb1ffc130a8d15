"""Evaluate what a step made against the true masks: mIoU, FPR, FNR, per class.

python stages/evaluate.py --step evaluate_seed --dataset mini --data data/mini \
    --made results/mini/main/seeds --out results/mini/main/seed_metrics.json

--step is `evaluate_seed` (seeds, at the best of 256 thresholds), `evaluate_mask` (masks of training images) or
`evaluate_val` (predictions on val); --made the folder that holds them.
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, did_you_mean
from wsss.evaluation.evaluate import evaluate_masks, evaluate_seeds
from wsss.files import write_json
from wsss.stage import main

STEPS = {  # the split of `data.splits` it is measured on, and how
    "evaluate_seed": ("evaluate", evaluate_seeds),
    "evaluate_mask": ("evaluate", evaluate_masks),
    "evaluate_val": ("val", evaluate_masks),
}


def run(parameters: Parameters, *, step: str, data: Path, made: Path, out: Path, threads: int) -> int:
    """Write the metrics to the JSON file `out`; return on how many images they are."""
    if step not in STEPS:
        raise InputError(f"--step: no evaluation {step!r}{did_you_mean(step, STEPS)}")
    split, evaluate = STEPS[step]
    metrics = evaluate(PreparedDataset(data), getattr(parameters.data.splits, split), made, threads)
    print(f"{made}: mIoU {metrics['miou']:.2f}, FPR {metrics['fpr']:.2f}, FNR {metrics['fnr']:.2f}")
    write_json(out, metrics)
    return metrics["images"]


if __name__ == "__main__":
    main(run)
