"""What the program that makes the page of a result is given."""

import json
from pathlib import Path

import pytest
import yaml
from paths import REPOSITORY
from planned import plan_here

from wsss.config import read_params
from wsss.errors import InputError
from wsss.plan import Job, job_of


@pytest.fixture
def options(tmp_path, monkeypatch):
    """A function of a data set, and of changes to params.yaml, that returns the options."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflow").mkdir()
    for name in ("sources.yaml", "tables.yaml"):
        (tmp_path / "workflow" / name).write_text((REPOSITORY / "workflow" / name).read_text())

    def of(dataset, experiments="", **changes):
        content = read_params(REPOSITORY / "params.yaml")
        content["datasets"][dataset].update(changes)
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
        job = Job("compare_page" if experiments else "make_page", dataset, experiments=experiments)
        return plan_here().options(job)

    return of


def test_an_experiment_has_what_is_its_own(options):
    found = options("mini")
    assert list(found["seeds"]) == ["USAGE", "CAM"] and list(found["masks"]) == ["USAGE"]
    assert list(found["predictions"]) == list(found["val_metrics"]) == ["USAGE", "without CRF", "true masks"]
    assert "mask_quality" not in found and "paper" not in found
    assert list(found["networks"])[-1] == "true masks: segmentation network" and len(found["networks"]) == 5
    assert "data/mini" in found["products"].split("; ")


def test_an_experiment_with_other_masks_shows_them_and_shares_the_seeds(options):
    found = options("mini", compare={"seed_experiments": {}, "val_experiments": {"steep": "mask.beta=4"}})
    assert list(found["seeds"]) == ["USAGE"]
    assert found["masks"]["steep"].as_posix() == "results/mini/mask.beta=4/masks"
    assert list(found["mask_metrics"]) == ["USAGE", "steep"]


def test_parameters_that_are_not_the_default_are_told(options):
    assert json.loads(options("mini")["changed"])["seed.epochs"] == [60, 6]


def test_on_voc_the_paper_s_numbers_stand_beside_ours(options):
    found = options(
        "voc", compare={"seed_experiments": {"CAM": "mapping=cam,regularization=none"}, "val_experiments": {}}
    )
    assert json.loads(found["paper"])["USAGE/seed"] == {"miou": "67.7", "fpr": "17.8", "fnr": "14.7"}
    assert json.loads(found["paper"])["CAM/seed"]["miou"] == "52.3"


def test_a_label_of_two_variants_is_told_apart(options):
    found = options("mini", compare={"seed_experiments": {"x": "tau1=2"}, "val_experiments": {"x": "mask.beta=4"}})
    assert list(found["seeds"]) == ["USAGE", "x"] and list(found["predictions"]) == ["USAGE", "x (val)"]


def test_experiments_that_the_target_names_are_shown_from_seeds_to_predictions(options):
    found = options("mini", experiments="mask.beta=4+main+mapping=cam,regularization=none+epochs=3,tau1=2")
    labels = {"mask.beta 4": "mask.beta=4", "USAGE": "main", "CAM": "mapping=cam,regularization=none"}
    labels["epochs 3, tau1 2"] = "epochs=3,tau1=2"
    assert json.loads(found["experiments"]) == labels
    assert list(found["predictions"]) == list(found["masks"]) == list(labels)
    assert list(found["seeds"]) == ["USAGE", "CAM", "epochs 3, tau1 2"]  # those of the first are main's


def test_an_experiment_that_cannot_be_is_refused(options):
    with pytest.raises(InputError, match="unknown key"):
        options("mini", experiments="main+tau7=2")


def test_the_page_is_found_by_its_path():
    job = job_of(Path("results/mini/pages/main+tau1=2"))
    assert job == Job("compare_page", "mini", experiments="main+tau1=2")
