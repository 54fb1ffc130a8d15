"""A page of drawn scenes, whose seeds, masks and predictions are true masks made worse: no network is trained."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter, shift
from small import params

from benchmarks.first_view import browser_program
from stages.make_page import run as make_page
from wsss.config.resolve import resolve
from wsss.data.layouts.mini import prepare_mini
from wsss.data.prepared import PreparedDataset
from wsss.evaluation.evaluate import evaluate_masks, evaluate_predictions, evaluate_seeds
from wsss.evaluation.mask_quality import mask_quality, summary
from wsss.files import VOID, read_mask, write_json, write_mask
from wsss.product.record import Record, write_record
from wsss.seed.seed_file import write_seed

COMPARED = {"CAM": "mapping=cam,regularization=none"}, {"without CRF": "predict.crf=null"}


@dataclass(frozen=True)
class Result:
    """A page, and what it was made of."""

    page: Path
    results: Path
    dataset: PreparedDataset


def _worse(mask: np.ndarray, random: np.random.Generator, classes: int, strength: float) -> np.ndarray:
    """Return a mask with blurred outlines that has lost an object, swapped a class, or found one that is not there."""
    scores = np.stack([gaussian_filter((mask == number).astype(float), strength) for number in range(classes + 1)])
    worse = (scores + 0.12 * strength * gaussian_filter(random.normal(size=scores.shape), (0, 3, 3))).argmax(0)
    present = [number for number in np.unique(worse) if number]
    if present and random.random() < 0.12 * strength:
        worse[worse == random.choice(present)] = random.integers(0, classes + 1)
    return shift(worse, random.integers(-2, 3, 2), order=0, mode="nearest").astype(np.uint8)


def _write_pictures(dataset: PreparedDataset, results: Path) -> None:
    random, classes = np.random.default_rng(1), len(dataset.classes)
    for folder in ("main/masks", "main/affinity_labels", "main/predictions/val", "crf/predictions/val"):
        (results / folder).mkdir(parents=True)
    for name in dataset.split("train"):
        mask = dataset.mask(name)
        made = _worse(mask, random, classes, 1.2)
        write_mask(results / f"main/masks/{name}.png", made)
        unsure = gaussian_filter(random.normal(size=mask.shape), 4) > 0.06
        write_mask(results / f"main/affinity_labels/{name}.png", np.where(unsure, VOID, made))
        labelled = dataset.classes_of(name)
        for folder, strength in (("main", 2.5), ("cam", 5)):
            maps = np.stack([gaussian_filter((mask == number).astype(float), strength) for number in labelled])
            maps = np.clip(maps / maps.max() + random.normal(0, 0.05, maps.shape), 0, 1)[:, ::4, ::4]
            write_seed(results / folder / f"seeds/{name}.npz", np.array(labelled), maps, mask.shape)
    for name in dataset.split("val"):
        write_mask(results / f"main/predictions/val/{name}.png", _worse(dataset.mask(name), random, classes, 1.5))
        write_mask(results / f"crf/predictions/val/{name}.png", _worse(dataset.mask(name), random, classes, 2.2))


def _evaluate(dataset: PreparedDataset, results: Path) -> None:
    for folder in ("main", "cam"):
        file = results / folder / "seed_metrics.json"
        write_json(file, evaluate_seeds(dataset, "train", results / folder / "seeds", 1, file.with_suffix(".csv")))
    file = results / "main/mask_metrics.json"
    write_json(file, evaluate_masks(dataset, "train", results / "main/masks", 1, file.with_suffix(".csv")))
    for folder in ("main", "crf"):
        file = results / folder / "val_metrics.json"
        made = results / folder / "predictions/val"
        write_json(file, evaluate_predictions(dataset, "val", made, 1, file.with_suffix(".csv")))


def _write_training(results: Path) -> None:
    network = results / "main/seed_network"
    network.mkdir(parents=True)
    epochs = np.arange(1, 7)
    terms = {"classification": 0.7 / epochs, "agreement": 0.02 * epochs}
    curve = {"epoch": epochs, "lr": 5e-4 / epochs, "loss": sum(terms.values()), **terms, "t": epochs / 8}
    pd.DataFrame(curve).to_csv(network / "curve.csv", index=False)
    about = {"dataset": "toy", "settings": {}, "options": {}, "device": "a machine", "commit": "abc"}
    records = {
        network: ("train_seed", {}, "n", 3725.0),
        results / "main/seeds": ("extract_seed", {"network": "n"}, "s", 61.0),
        results / "main/seed_metrics.json": ("evaluate_seed", {"made": "s"}, "m", 2.5),
    }
    for number, (product, (stage, inputs, digest, seconds)) in enumerate(records.items()):
        made = {"inputs": inputs, "product": digest, "seconds": seconds, "made": f"2026-01-01T00:0{number}"}
        write_record(product, Record(stage=stage, **about, **made, peak_memory_mb=900.0, images=130))


def parameters():
    """Return the parameters of the toy data set, with two experiments compared."""
    content = params()
    content["datasets"]["toy"]["compare"] = dict(zip(("seed_experiments", "val_experiments"), COMPARED, strict=True))
    return resolve(content, "toy", "main")


def made_page(dataset: PreparedDataset, results: Path) -> Path:
    main, out = results / "main", results / "page"
    make_page(
        parameters(),
        data=dataset.root,
        seeds=[f"USAGE={main}/seeds", f"CAM={results}/cam/seeds"],
        seed_metrics=[f"USAGE={main}/seed_metrics.json", f"CAM={results}/cam/seed_metrics.json"],
        labels=[f"USAGE={main}/affinity_labels"],
        masks=[f"USAGE={main}/masks"],
        mask_metrics=[f"USAGE={main}/mask_metrics.json"],
        predictions=[f"USAGE={main}/predictions/val", f"without CRF={results}/crf/predictions/val"],
        val_metrics=[f"USAGE={main}/val_metrics.json", f"without CRF={results}/crf/val_metrics.json"],
        networks=[f"USAGE: seed network={main}/seed_network"],
        products="; ".join(f"{main}/{name}" for name in ("seed_network", "seeds", "seed_metrics.json", "masks")),
        paper='{"USAGE/seed": {"miou": "67.7", "fpr": "17.8", "fnr": "14.7"}}',
        changed='{"seed.epochs": [60, 6], "seed.weights": ["imagenet", null]}',
        out=out,
        threads=1,
    )
    return out


@pytest.fixture(scope="session")
def result(tmp_path_factory) -> Result:
    """A page with true masks and three experiments; 104 training scenes, so that there is a second sheet of tiles."""
    root = tmp_path_factory.mktemp("result")
    (root / "data/toy").mkdir(parents=True)
    prepare_mini(root / "data/toy", 0, {"train": 104, "val": 24, "test": 2}, 96)
    dataset, results = PreparedDataset(root / "data/toy"), root / "results/toy"
    _write_pictures(dataset, results)
    _evaluate(dataset, results)
    _write_training(results)
    return Result(made_page(dataset, results), results, dataset)


@pytest.fixture(scope="session")
def untold(tmp_path_factory, result) -> Result:
    """A page of masks and predictions of which no true mask tells anything."""
    root = tmp_path_factory.mktemp("untold")
    shutil.copytree(result.dataset.root, root / "data", ignore=shutil.ignore_patterns("masks"))
    dataset, main, out = PreparedDataset(root / "data"), result.results / "main", root / "page"
    qualities = {
        name: mask_quality(
            read_mask(main / f"masks/{name}.png"),
            dataset.labels([name])[0],
            read_mask(main / f"affinity_labels/{name}.png"),
        )
        for name in dataset.split("train")
    }
    write_json(root / "mask_quality.json", {"split": "train", **summary(qualities, dataset.classes)})
    make_page(
        parameters(),
        data=dataset.root,
        seeds=[f"main={main}/seeds"],
        labels=[f"main={main}/affinity_labels"],
        masks=[f"main={main}/masks"],
        mask_quality=[f"main={root}/mask_quality.json"],
        predictions=[f"main={main}/predictions/val"],
        out=out,
        threads=1,
    )
    return Result(out, root, dataset)


@pytest.fixture(scope="session")
def browser():
    """Debian's chromium, through Playwright; skipped where it is not there, unless CI says that it has to be."""
    program = browser_program()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium; apt-get install chromium")
        pytest.skip("no chromium; apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size
