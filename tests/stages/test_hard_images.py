"""Images that are hard on every stage after the seeds: unlabelled, without any evidence, tiny, of odd sizes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small import params

from stages.extract_seed import run as extract_seed
from stages.label_affinity import run as label_affinity
from stages.make_mask import run as make_mask
from wsss.config.resolve import resolve
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.evaluation.evaluate import evaluate_masks, evaluate_seeds
from wsss.files import read_mask, write_mask
from wsss.models.affinity_network import AffinityNetwork
from wsss.models.create_backbone import create_backbone
from wsss.models.weights import write_weights
from wsss.seed.create_network import create_seed_network
from wsss.seed.seed_file import read_seed, write_seed

SIZES = {"unlabelled": (24, 30), "no_evidence": (24, 30), "pixel": (1, 1), "line": (3, 200), "good": (40, 32)}


@pytest.fixture
def dataset(tmp_path) -> PreparedDataset:
    root, random = tmp_path / "data", np.random.default_rng(0)
    for folder in ("images", "masks", "splits"):
        (root / folder).mkdir(parents=True)
    (root / "classes.txt").write_text("cat\ndog\n")
    (root / "splits/train.txt").write_text("".join(f"{name}\n" for name in SIZES))
    with (root / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["id", "cat", "dog"], *([name, 0, int(name != "unlabelled")] for name in SIZES)])
    for name, size in SIZES.items():
        mask = np.zeros(size, np.uint8)
        if name != "unlabelled":
            mask[: (size[0] + 1) // 2] = 2
        Image.fromarray(random.integers(0, 256, (*size, 3), np.uint8)).save(root / f"images/{name}.png")
        write_mask(root / f"masks/{name}.png", mask)
    return PreparedDataset(root)


@pytest.fixture
def parameters():
    return resolve(params(), "toy", {"seed.backbone": "tiny_cnn"})


def write_network(folder: Path, network: torch.nn.Module) -> Path:
    folder.mkdir()
    write_weights(folder / "network.safetensors", network.state_dict(), {})
    return folder


@pytest.fixture
def seeds(dataset, parameters, tmp_path) -> Path:
    network = create_seed_network(parameters.seed, 2)
    out = tmp_path / "seeds"
    folder = write_network(tmp_path / "seed_network", network)
    extract_seed(parameters, data=dataset.root, network=folder, out=out, threads=1)
    write_seed(out / "no_evidence.npz", np.array([2]), np.zeros((1, 6, 8)), SIZES["no_evidence"])
    return out


def test_every_stage_gets_through_with_what_is_right(dataset, parameters, seeds, tmp_path):
    assert len(read_seed(seeds / "unlabelled.npz").classes) == 0
    assert read_seed(seeds / "pixel.npz").maps.shape == (1, 1, 1)
    labels, masks = tmp_path / "labels", tmp_path / "masks"
    label_affinity(parameters, data=dataset.root, seeds=seeds, out=labels, threads=1)
    network = write_network(tmp_path / "affinity", AffinityNetwork(create_backbone("tiny_cnn", None), 8))
    make_mask(parameters, data=dataset.root, seeds=seeds, network=network, out=masks, threads=1)
    for name, size in SIZES.items():
        for folder in (labels, masks):
            made = read_mask(folder / f"{name}.png")
            assert made.shape == size and set(np.unique(made)) <= {0, 2, 255}
    for name in ("unlabelled", "no_evidence"):  # nothing speaks for any class
        assert not read_mask(labels / f"{name}.png").any() and not read_mask(masks / f"{name}.png").any()
    for metrics in (evaluate_seeds(dataset, "train", seeds, 1), evaluate_masks(dataset, "train", masks, 1)):
        assert metrics["images"] == len(SIZES) and 0 <= metrics["miou"] <= 100
        assert metrics["per_class"]["cat"]["iou"] is None  # in no mask and no prediction
        json.dumps(metrics, allow_nan=False)


@pytest.mark.parametrize("background", ["best", "auto", "irn"])
def test_every_background_gets_through_with_what_is_right(dataset, parameters, seeds, tmp_path, background, capsys):
    chosen = parameters.mask.model_copy(update={"background": background, "irn_score": 0.25, "foreground_share": 0.25})
    parameters = parameters.model_copy(update={"mask": chosen})
    metrics = tmp_path / "seed_metrics.json"
    metrics.write_text(json.dumps({"threshold": 1.0}))  # nothing is above it
    given = {"seed_metrics": metrics} if background == "best" else {}
    network = write_network(tmp_path / "affinity", AffinityNetwork(create_backbone("tiny_cnn", None), 8))
    masks = tmp_path / "masks"
    make_mask(parameters, data=dataset.root, seeds=seeds, network=network, out=masks, threads=1, **given)
    made = {name: read_mask(masks / f"{name}.png") for name in SIZES}
    assert not made["unlabelled"].any() and not made["no_evidence"].any()
    assert any(mask.any() for mask in made.values()) == (background != "best")
    assert f"background: {background}, " in capsys.readouterr().out


def test_the_best_background_needs_the_seeds_metrics(dataset, parameters, seeds, tmp_path):
    parameters = parameters.model_copy(update={"mask": parameters.mask.model_copy(update={"background": "best"})})
    network = write_network(tmp_path / "affinity", AffinityNetwork(create_backbone("tiny_cnn", None), 8))
    with pytest.raises(InputError, match="--seed-metrics is missing"):
        make_mask(parameters, data=dataset.root, seeds=seeds, network=network, out=tmp_path / "masks", threads=1)


@pytest.mark.parametrize("stage", ["label", "evaluate"])
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda seeds: (seeds / "good.npz").unlink(), "no such file; run the stage extract_seed"),
        (lambda seeds: (seeds / "good.npz").write_bytes(b"PK\x03\x04"), "not a seed"),
        (lambda seeds: write_seed(seeds / "good.npz", np.array([1]), np.ones((1, 10, 8)), (40, 32)), "classes [1]"),
        (lambda seeds: write_seed(seeds / "good.npz", np.array([9]), np.ones((1, 10, 8)), (40, 32)), "classes [9]"),
        (lambda seeds: write_seed(seeds / "good.npz", np.array([2]), np.ones((1, 8, 10)), (32, 40)), "(32, 40)"),
    ],
    ids=["missing", "broken", "other class", "other class list", "other size"],
)
def test_seeds_of_another_data_set_are_refused_by_name(dataset, parameters, seeds, tmp_path, stage, spoil, message):
    spoil(seeds)
    with pytest.raises(InputError) as error:
        if stage == "label":
            label_affinity(parameters, data=dataset.root, seeds=seeds, out=tmp_path / "labels", threads=1)
        else:
            evaluate_seeds(dataset, "train", seeds, 1)
    assert str(seeds / "good.npz") in str(error.value) and message in str(error.value)
    assert not (tmp_path / "labels").exists()


def test_masks_in_rgb_are_refused_by_name(dataset, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    for name, size in SIZES.items():
        write_mask(masks / f"{name}.png", np.zeros(size, np.uint8))
    Image.open(masks / "good.png").convert("RGB").save(masks / "good.png")
    with pytest.raises(InputError, match=r"good\.png: a mask is a palette or greyscale PNG"):
        evaluate_masks(dataset, "train", masks, 1)
