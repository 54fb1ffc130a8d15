"""Every mapping, regularisation and schedule, by the settings of params.yaml: seeds trained, extracted and measured.

The photos are an own folder in VOC layout. 16 of them shorten an epoch to one batch: the CNN's 16, and 16 instead of 64
of the transformer's; crops, recipes, optimisers, epochs (60 and 15) and scales are params.yaml's.
"""

from __future__ import annotations

import json

import pytest
import torch
from full_settings.photos import write_voc_folder
from full_settings.settings import check_curve, resolved, tiny_params

from stages.evaluate import run as evaluate
from stages.extract_seed import run as extract_seed
from stages.prepare_data import run as prepare_data
from stages.train_seed import run as train_seed
from wsss.config import read_params
from wsss.config.choices import AGREEMENTS, MAPPINGS, REGULARIZATIONS, SCHEDULES
from wsss.seed.seed_file import read_seed

PHOTOS = 16
KINDS = {"transformer": "deit_small_patch16_224", "cnn": "resnet38"}
AGREEING = [name for name, mapping in MAPPINGS.items() if mapping.has_alpha]  # else there are no two views of it
TRANSFORMERS = [f"mapping={mapping},regularization={name}" for mapping in AGREEING for name in REGULARIZATIONS]
TRANSFORMERS += [f"mapping=cm,regularization=aa,schedule={schedule}" for schedule in ("fixed", "linear")]
TRANSFORMERS += [f"mapping={mapping},regularization=none" for mapping in MAPPINGS if mapping not in AGREEING]
TRANSFORMERS += ["mapping=cm,regularization=aa,agreement=distilled"]
CNNS = [f"mapping=cm,regularization={name}" for name in REGULARIZATIONS]  # each, not each with each: they take
CNNS += ["mapping=cam,regularization=none", "mapping=mil,regularization=none"]  # three times as long
RUNS = [("transformer", variant) for variant in TRANSFORMERS] + [("cnn", variant) for variant in CNNS]


@pytest.fixture(scope="module")
def params(tmp_path_factory) -> dict:
    root = tmp_path_factory.mktemp("photos") / "folder"
    write_voc_folder(root, PHOTOS, val=2)
    splits = {"train": "train", "evaluate": "train", "val": "val", "test": None}
    return tiny_params("mine", {"layout": "voc", "root": str(root), "splits": splits})


@pytest.fixture(scope="module")
def data(params, tmp_path_factory):
    out = tmp_path_factory.mktemp("data") / "mine"
    prepare_data(resolved(params, "mine", "main"), out=out, threads=1)
    return out


@pytest.fixture(autouse=True)
def one_deterministic_thread():
    """As `wsss.stage.main` sets it for a stage with one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    yield
    torch.use_deterministic_algorithms(False)
    torch.set_num_threads(threads)


def test_nothing_that_params_yaml_offers_is_left_out():
    tried = [dict(part.split("=") for part in variant.split(",")) for _, variant in RUNS]
    seed = read_params("params.yaml")["seed"]
    usual = {key: seed[key] for key in ("schedule", "agreement")}
    tables = {"mapping": MAPPINGS, "regularization": REGULARIZATIONS, "schedule": SCHEDULES, "agreement": AGREEMENTS}
    for key, choices in tables.items():
        assert {(usual | overrides)[key] for overrides in tried} == set(choices)


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize(("kind", "variant"), RUNS)
def test_seeds_by_the_settings_of_the_paper(params, data, tmp_path, kind, variant):
    parameters = resolved(params, "mine", f"backbone={KINDS[kind]},{variant}")
    network, seeds, metrics = tmp_path / "seed_network", tmp_path / "seeds", tmp_path / "seed_metrics.json"
    train_seed(parameters, data=data, out=network, threads=1)
    curve = check_curve(network, parameters.seed, PHOTOS)
    assert ("agreement" in curve) == (parameters.seed.regularization != "none")
    if "agreement" in curve:
        assert curve["agreement"].min() >= 0 and curve["agreement"].max() > 0  # oaa has nothing accumulated at first
    check_schedule(curve["t"].tolist(), parameters.seed)
    extract_seed(parameters, data=data, network=network, out=seeds, threads=1)
    for path in seeds.iterdir():
        maps = read_seed(path).maps
        assert maps.min() >= 0 and maps.max() <= 1
    evaluate(parameters, step="evaluate_seed", data=data, made=seeds, out=metrics, threads=1)
    measured = json.loads(metrics.read_text())
    assert measured["images"] == PHOTOS and 0 < measured["miou"] <= 100


def check_schedule(t: list[float], settings) -> None:
    """Check how far the student's rates have risen in each epoch, of one step."""
    if settings.regularization != "aa":
        assert t == [0.0] * settings.epochs
    elif settings.schedule == "fixed":
        assert t == [1.0] * settings.epochs
    elif settings.schedule == "linear":
        assert t == pytest.approx([epoch / settings.epochs for epoch in range(settings.epochs)])
    else:
        assert t[0] == 0 and t == sorted(t) and t[-1] < 1
