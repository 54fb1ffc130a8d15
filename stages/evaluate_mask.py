"""Evaluate the masks made from the seeds.

python stages/evaluate_mask.py --dataset mini --data data/mini --masks results/mini/main/masks \
    --out results/mini/main/mask_metrics.json
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.evaluation import evaluate_masks
from wsss.files import write_json
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, masks: Path, out: Path, threads: int) -> None:
    """Write the metrics on the split `evaluate` to the JSON file `out`."""
    metrics = evaluate_masks(PreparedDataset(data), parameters.data.splits.evaluate, masks, threads)
    print(f"masks: mIoU {metrics['miou']:.2f}, FPR {metrics['fpr']:.2f}, FNR {metrics['fnr']:.2f}")
    write_json(out, metrics)


if __name__ == "__main__":
    main(run)
