"""Evaluate seeds: mIoU, FPR, FNR, per class, at the best of 256 thresholds.

python stages/evaluate_seed.py --dataset mini --data data/mini --seeds results/mini/main/seeds \
    --out results/mini/main/seed_metrics.json
"""

from pathlib import Path

from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.evaluation import evaluate_seeds
from wsss.files import write_json
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, seeds: Path, out: Path, threads: int) -> None:
    """Write the metrics on the split `evaluate` to the JSON file `out`."""
    metrics = evaluate_seeds(PreparedDataset(data), parameters.data.splits.evaluate, seeds, threads)
    print(f"seeds: mIoU {metrics['miou']:.2f}, FPR {metrics['fpr']:.2f}, FNR {metrics['fnr']:.2f}")
    write_json(out, metrics)


if __name__ == "__main__":
    main(run)
