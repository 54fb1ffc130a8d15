"""Train AffinityNet on the confident labels.

python stages/train_affinity.py --dataset mini --data data/mini --labels results/mini/main/affinity_labels \
    --out results/mini/main/affinity_network
"""

from pathlib import Path

import torch

from wsss.affinity.task import AffinityTask
from wsss.config import Parameters
from wsss.data.prepared import PreparedDataset
from wsss.models.affinity_network import create_affinity_network
from wsss.stage import main
from wsss.training.train_stage import start_weights, train_on_masks


def run(
    parameters: Parameters, *, data: Path, labels: Path, out: Path, weights: Path | None = None, threads: int
) -> int:
    """Write `network.safetensors` and `curve.csv` (one row per epoch) to `out`; return how many images it saw."""
    settings = parameters.affinity
    dataset = PreparedDataset(data)
    torch.manual_seed(settings.random_seed)
    start = start_weights("affinity", settings, weights)
    task = AffinityTask(create_affinity_network(settings, start), settings)
    ids = dataset.split(parameters.data.splits.train)
    return train_on_masks("train_affinity", task, dataset, ids, labels, settings, parameters, start, out, threads)


if __name__ == "__main__":
    main(run)
