"""Evaluate the segmentation network's predictions on val.

python stages/evaluate_val.py --dataset mini --data data/mini --predictions results/mini/main/predictions/val \
    --out results/mini/main/val_metrics.json
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.evaluation import evaluate_masks
from wsss.files import write_json
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, predictions: Path, out: Path, threads: int) -> None:
    """Write the metrics on the split `val` to the JSON file `out`."""
    metrics = evaluate_masks(PreparedDataset(data), parameters.data.splits.val, predictions, threads)
    print(f"val: mIoU {metrics['miou']:.2f}, FPR {metrics['fpr']:.2f}, FNR {metrics['fnr']:.2f}")
    write_json(out, metrics)


if __name__ == "__main__":
    main(run)
