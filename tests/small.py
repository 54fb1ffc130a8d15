"""Parameters, a data set and networks small enough for a test."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import numpy as np
import torch
import yaml
from paths import REPOSITORY
from PIL import Image
from torch import nn

from wsss.config.blocks import Seed
from wsss.config.resolve import resolve
from wsss.config.yaml_text import read_yaml
from wsss.data.prepared import PreparedDataset
from wsss.files import write_mask

_OPTIMIZER = (
    "lr: 0.01, lr_reference_batch: null, min_lr: 0.0, momentum: 0.9, weight_decay: 0.1, new_layer_lr: 10, bias_lr: 2, "
    "schedule: poly, warmup_epochs: 0"
)
_CRF = (
    "{ iterations: 1, gaussian_sxy: 3, gaussian_compat: 3, bilateral_sxy: 9, bilateral_srgb: 5, bilateral_compat: 4 }"
)


def _with_what_is_new(text: str) -> str:
    """Add what the block `seed` of the project's params.yaml has beside: parameters by CONTRIBUTING.md's recipe."""
    project = read_yaml(REPOSITORY / "params.yaml")["seed"]
    new = {key: value for key, value in project.items() if key not in yaml.safe_load(text)["seed"]}
    return text.replace("\nseed:\n", f"\nseed:\n{indent(yaml.safe_dump(new), '  ')}" if new else "\nseed:\n")


PARAMS = _with_what_is_new(f"""
dataset: toy
seed:
  backbone: tiny_transformer
  weights: null
  output_stride: 8
  mapping: cm
  background_logit: 1.0
  regularization: aa
  regularization_weight: 0.25
  agreement: printed
  tau2: 0.1
  gt_scale: 0.5
  oaa_resolution: 8
  ema_decay: 0.9
  teacher_drop_path: 0.05
  drop_path_low: 0.05
  drop_path_high: 0.15
  dropout_low: 0.0
  dropout_high: 0.01
  schedule: self_adaptive
  schedule_momentum: 0.9
  random_seed: 0
  epochs: 3
  batch_size: 2
  freeze: none
  head_dropout: 0.0
  drop_path: null
  augmentation: {{ resize: area, range: [0.5, 1.0], crop_size: 32, color: none }}
kinds:
  transformer:
    recipe: psa
    seed:
      tau1: 1
      optimizer: {{ name: adamw, {_OPTIMIZER} }}
    extract: {{ scales: [1.0, 0.75], patch_affinity: true }}
  cnn:
    recipe: mctformer
    seed:
      tau1: 50
      optimizer: {{ name: sgd, {_OPTIMIZER} }}
    extract: {{ scales: [1.0, 0.5], patch_affinity: false }}
recipes:
  psa: {{ extract: {{ normalize: max }}, mask: {{ background: power, beta: 8, log_t: 2 }} }}
  mctformer: {{ extract: {{ normalize: min_max }}, mask: {{ background: constant, beta: 8, log_t: 1 }} }}
extract: {{ flip: true, seed_map: activation }}
affinity_labels: {{ labels: agreement, low_alpha: 4, high_alpha: 32, crf: {_CRF} }}
affinity:
  backbone: tiny_cnn
  weights: null
  stride: 8
  radius: 2
  epochs: 1
  batch_size: 2
  freeze: none
  random_seed: 0
  optimizer: {{ name: sgd, {_OPTIMIZER} }}
  augmentation: {{ resize: factor, range: [0.5, 1.5], crop_size: 32, color: none, padding: void }}
mask: {{ background_alpha: 16, background_score: 0.39, irn_score: 0.25, foreground_share: 0.25 }}
segmentation:
  supervision: masks
  backbone: tiny_cnn
  weights: null
  output_stride: 8
  head: small
  loss_scales: null
  epochs: 1
  batch_size: 2
  freeze: none
  random_seed: 0
  optimizer: {{ name: sgd, {_OPTIMIZER} }}
  augmentation: {{ resize: factor, range: [0.5, 1.5], crop_size: 32, color: none, padding: void }}
predict: {{ scales: [1.0], flip: false, merge: max, crf: {_CRF} }}
compare: {{ seed_experiments: {{}}, val_experiments: {{}} }}
tables:
  backbones: {{ transformer: tiny_transformer, cnn: tiny_cnn }}
  segmentation: {{ resnet38: main, resnet101: null }}
  random_seeds: [0]
  claim_random_seeds: [0, 1]
datasets:
  toy:
    data:
      layout: mini
      image_size: 32
      scenes: {{ train: 4, val: 2, test: 2 }}
      random_seed: 0
      splits: {{ train: train, evaluate: train, val: val, test: test }}
  own:
    data:
      layout: voc
      root: ${{SOMEWHERE}}
      splits: {{ train: train, evaluate: train, val: val, test: null }}
    kinds:
      cnn:
        seed: {{ tau1: 20 }}
    seed:
      backbone: tiny_cnn
      epochs: 7
""")


def params() -> dict:
    """Return the small params.yaml's content, each time anew."""
    return yaml.safe_load(PARAMS)


def seed_settings(**overrides: object) -> Seed:
    """Return the block `seed`; `optimizer__lr=1.0` overrides a nested key."""
    return resolve(params(), "toy", {f"seed.{key.replace('__', '.')}": value for key, value in overrides.items()}).seed


def seed_metrics(*mious: float, fpr: float = 20.0, fnr: float = 30.0) -> list[dict]:
    """Return seed metrics, one per random seed."""
    return [{"miou": miou, "fpr": fpr, "fnr": fnr, "split": "train", "images": 12} for miou in mious]


class Pixels(nn.Module):
    """A backbone for hand-worked values: its features are the pixels."""

    kind, num_features, stride, multiple = "cnn", 3, 1, 1

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images


class Toy(nn.Module):
    """A backbone with one of each kind of parameter, and a head."""

    def __init__(self):
        super().__init__()
        self.backbone = nn.Module()
        self.backbone.network = nn.Module()
        self.backbone.network.conv = nn.Conv2d(3, 3, 1)
        self.backbone.network.norm = nn.BatchNorm2d(3)
        self.backbone.network.pos_embed = nn.Parameter(torch.zeros(1, 2, 3))
        self.backbone.network.no_weight_decay = lambda: {"pos_embed"}  # timm's
        self.backbone.network.still = nn.Parameter(torch.zeros(2, 2), requires_grad=False)
        self.head = nn.Linear(3, 2)


@torch.no_grad()
def tell_apart(network: nn.Module, images: torch.Tensor) -> nn.Module:
    """Return a network in eval mode that gives other answers at other places of images, which random weights do not.

    The last convolution of its head is shifted and scaled to logits of mean 0 and deviation 3.
    """
    last = [module for module in network.eval().head.modules() if isinstance(module, nn.Conv2d)][-1]
    seen: list[torch.Tensor] = []
    hook = last.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    network(images)
    hook.remove()
    mean = seen[0].mean((0, 2, 3))
    last.weight -= ((last.weight * mean[:, None, None]).sum(1, keepdim=True) / mean.square().sum()) * mean[
        :, None, None
    ]
    if last.bias is not None:
        last.bias.zero_()
    last.weight *= 3 / last(seen[0]).std((0, 2, 3)).clamp(min=1e-6)[:, None, None, None]
    return network


def write_dataset(root: Path, size: tuple[int, int] = (32, 40), images: int = 6, classes: int = 3) -> PreparedDataset:
    """Write a prepared data set: image i is noise around a colour, its mask a block of class i mod C + 1."""
    random = np.random.default_rng(5)
    for folder in ("images", "masks", "splits"):
        (root / folder).mkdir(parents=True)
    (root / "classes.txt").write_text("".join(f"class{c}\n" for c in range(1, classes + 1)))
    rows = ["id," + ",".join(f"class{c}" for c in range(1, classes + 1))]
    for index in range(images):
        number = index % classes + 1
        mask = np.zeros(size, np.uint8)
        mask[8:24, 4:20] = number
        photo = random.integers(0, 80, (*size, 3))
        photo[mask > 0, (number - 1) % 3] += 160
        Image.fromarray(photo.astype(np.uint8)).save(root / "images" / f"i{index}.png")
        write_mask(root / "masks" / f"i{index}.png", mask)
        rows.append(f"i{index}," + ",".join(str(int(c == number)) for c in range(1, classes + 1)))
    (root / "labels.csv").write_text("\n".join(rows) + "\n")
    (root / "splits" / "train.txt").write_text("".join(f"i{index}\n" for index in range(images)))
    return PreparedDataset(root)
