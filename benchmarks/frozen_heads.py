"""What a mapping does to seeds where nothing else differs: heads trained on the features of a frozen backbone. Minutes.

    WSSS_VOC6=... WSSS_WEIGHTS=... WSSS_VIT=... python -m benchmarks.frozen_heads --dataset voc6 --data data/voc6
        [--kind cnn|transformer] [--images 400] [--epochs 60] [--random-seeds 3] [--rate 0.002] [--side 320]

Not one of `make bench`: it judges the method, not the speed. Features of each photo, squashed to a square, and of its
flip are made once; then a head, z = w . A, is trained on them for each mapping and temperature, with AdamW. Seeds are
ReLU'd z of the photo, at the best threshold of those photos: no scales, no patch affinity. Beside mIoU, FPR and FNR it
prints the loss at the end, the mean of the largest z of a class that is there, and the share of positions that pooling
looks at, of such classes: exp(entropy of its weights) / positions. Mean and standard deviation over random seeds.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import interpolate

from benchmarks.voc_subset import some
from wsss.config import read_params
from wsss.config.blocks import Seed
from wsss.config.choices import MAPPINGS
from wsss.config.resolve import resolve
from wsss.data.augment import normalize
from wsss.data.prepared import PreparedDataset
from wsss.device import inference_device, inference_precision
from wsss.evaluation.metrics import SeedCurve
from wsss.models.create_backbone import create_backbone
from wsss.paper.spread import spread
from wsss.progress import progress
from wsss.seed.extraction import normalize as normalize_maps
from wsss.seed.mappings.base import Mapping
from wsss.seed.mappings.mil import SHARPNESS
from wsss.seed.task import classification_loss
from wsss.training.train_stage import start_weights

TEMPERATURES = (0.5, 1, 2, 5, 10, 25, 50)
_BATCH, _DECAY = 32, 0.01


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="voc6")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--kind", choices=("cnn", "transformer"), default="cnn")
    parser.add_argument("--images", type=int, default=400, help="of train, chosen by a hash of their ids")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--random-seeds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=2e-3, help="of learning")
    parser.add_argument("--side", type=int, default=320, help="pixels of a squashed photo")
    given = parser.parse_args()
    params, dataset = read_params("params.yaml"), PreparedDataset(given.data)
    backbone = resolve(params, given.dataset, "main").tables.backbones.model_dump()[given.kind]
    variants = {"cam": "mapping=cam", "mil": "mapping=mil", **{f"cm, tau1 {t:g}": f"tau1={t:g}" for t in TEMPERATURES}}
    blocks = {
        name: resolve(params, given.dataset, f"backbone={backbone},regularization=none,{variant}").seed
        for name, variant in variants.items()
    }
    ids = some(dataset.split("train"), given.images)
    features = _features(dataset, ids, blocks["cam"], given.side)
    print(f"{backbone}, {len(ids)} photos of {given.dataset}, {given.epochs} epochs, {given.random_seeds} random seeds")
    print("| mapping | mIoU | FPR | FNR | threshold, % | 100 loss | largest z | share of positions, % |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, settings in blocks.items():
        runs = [
            _run(dataset, ids, features, settings, given.epochs, given.rate, random_seed)
            for random_seed in range(given.random_seeds)
        ]
        print(f"| {name} | {' | '.join(str(spread(values)) for values in zip(*runs, strict=True))} |", flush=True)


def _features(dataset: PreparedDataset, ids: list[str], settings: Seed, side: int) -> Tensor:
    """Return the features (N, 2, D, h, w), float16, of photos and their flips."""
    weights, device = start_weights("seed", settings, None), inference_device()
    network = create_backbone(settings.backbone, weights, settings.output_stride).eval().to(device)
    side -= side % network.multiple
    found = []
    with torch.inference_mode(), inference_precision(device, network):
        for name in progress(ids, len(ids), "features"):
            photo = np.array(Image.fromarray(dataset.image(name)).resize((side, side), Image.Resampling.BICUBIC))
            views = normalize(photo, network.mean, network.std)[None].to(device)
            found.append(network(torch.cat([views, views.flip(-1)])).half().cpu())
    return torch.stack(found)


def _run(
    dataset: PreparedDataset,
    ids: list[str],
    features: Tensor,
    settings: Seed,
    epochs: int,
    rate: float,
    random_seed: int,
) -> tuple[float, ...]:
    """Train a head; return the numbers of a row."""
    mapping = MAPPINGS[settings.mapping].load()(settings)
    labels = torch.from_numpy(dataset.labels(ids)).float()
    random = torch.Generator().manual_seed(random_seed)
    head = nn.Conv2d(features.shape[2], labels.shape[1], 1, bias=False)
    nn.init.trunc_normal_(head.weight, std=0.02, generator=random)
    optimizer = torch.optim.AdamW(head.parameters(), rate, weight_decay=_DECAY)
    steps = epochs * math.ceil(len(ids) / _BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    losses: list[float] = []
    for _ in range(epochs):
        losses = []
        for batch in torch.randperm(len(ids), generator=random).split(_BATCH):
            views = features[batch, torch.randint(2, (len(batch),), generator=random)].float()
            z = head(views)
            loss = classification_loss(mapping.scores(z, mapping.log_alpha(z)), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
    return (
        *_evaluate(dataset, ids, features, head),
        100 * float(np.mean(losses)),
        *_shape(features, labels, head, mapping),
    )


@torch.inference_mode()
def _evaluate(dataset: PreparedDataset, ids: list[str], features: Tensor, head: nn.Module) -> tuple[float, ...]:
    """Return mIoU, FPR and FNR of the seeds of photos, and their threshold, all in %."""
    curve = SeedCurve(dataset.classes)
    for name, views in zip(ids, features, strict=True):
        mask, classes = dataset.mask(name), np.array(dataset.classes_of(name))
        maps = normalize_maps(head(views[:1].float())[0].relu()[classes - 1], "max")
        curve.add(mask, classes, interpolate(maps[None], mask.shape, mode="bilinear")[0].numpy(), name=name)
    found = curve.result()
    return found["miou"], found["fpr"], found["fnr"], 100 * found["threshold"]


@torch.inference_mode()
def _shape(features: Tensor, labels: Tensor, head: nn.Module, mapping: Mapping) -> tuple[float, float]:
    """Return the means, over photos and their classes, of the largest z and of the share of positions in %."""
    largest, shares = [], []
    for views, present in zip(features, labels.bool(), strict=True):
        z = head(views[:1].float())
        log_alpha = mapping.log_alpha(z)
        assert log_alpha is not None
        weights = _weights(mapping.settings, z, log_alpha)[0, present]
        entropy = -(weights * weights.clamp(min=1e-30).log()).sum(-1)
        shares += (entropy.exp() / weights.shape[-1]).tolist()
        largest += z[0, present].flatten(1).amax(1).tolist()
    return float(np.mean(largest)), 100 * float(np.mean(shares))


def _weights(settings: Seed, z: Tensor, log_alpha: Tensor) -> Tensor:
    """Return how much each position weighs in the score of each class, (B, C, h*w), adding up to 1 over positions."""
    if settings.mapping == "cm":
        return (log_alpha[:, :-1] / settings.tau1).flatten(2).softmax(-1)
    if settings.mapping == "mil":
        return (SHARPNESS * z).flatten(2).softmax(-1)
    return torch.full_like(z, 1 / z[0, 0].numel()).flatten(2)


if __name__ == "__main__":
    main()
