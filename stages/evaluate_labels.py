"""Tell how well the seed network knows the labels of photos that it was not trained on: each class's average precision.

python stages/evaluate_labels.py --dataset mini --data data/mini --network results/mini/main/seed_network \
    --out results/mini/main/label_metrics.json

No true mask is looked at.
"""

from pathlib import Path

import numpy as np

from wsss.config import Parameters
from wsss.config.choices import MAPPINGS
from wsss.data.inference_images import inference_batches
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_precision
from wsss.errors import InputError
from wsss.evaluation.average_precision import ranking_metrics
from wsss.files import write_json
from wsss.models.trained import open_trained
from wsss.parallel import loading_workers
from wsss.progress import progress
from wsss.seed.class_scores import class_scores
from wsss.seed.create_network import create_seed_network
from wsss.stage import main


def run(parameters: Parameters, *, data: Path, network: Path, out: Path, threads: int) -> int:
    """Write the metrics of the labelled images of the split val to the JSON file `out`; return how many they are."""
    dataset, split = PreparedDataset(data), parameters.data.splits.val
    if split is None:
        raise InputError(f"datasets.{parameters.dataset}.data.splits.val is null: this data set has no such split")
    ids = [name for name in dataset.split(split) if dataset.knows_labels(name)]
    if not ids:
        raise InputError(f"{dataset.root / 'labels.csv'}: no image of {split!r} has labels; hold some of train out")
    seed_network = create_seed_network(parameters.seed, len(dataset.classes))
    device, backbone = open_trained(seed_network, network), seed_network.backbone
    mapping = MAPPINGS[parameters.seed.mapping].load()(parameters.seed)
    names, batches = inference_batches(dataset, ids, backbone.mean, backbone.std, loading_workers(threads))
    scores: dict[str, np.ndarray] = {}
    with inference_precision(device, seed_network):
        for batch_ids, images in progress(batches, len(names), "scoring"):
            rows = class_scores(seed_network, mapping, images.to(device)).cpu().numpy()
            scores |= dict(zip(batch_ids, rows, strict=True))
    metrics = ranking_metrics(np.stack([scores[name] for name in ids]), dataset.labels(ids), dataset.classes)
    write_json(out, {"split": split, **metrics})
    mean = "none" if metrics["map"] is None else f"{metrics['map']:.2f}"
    print(f"{network}: mean average precision {mean} on the labels of {len(ids)} images of {split}")
    return len(ids)


if __name__ == "__main__":
    main(run)
