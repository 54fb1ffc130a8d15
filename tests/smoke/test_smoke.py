"""The smoke page: a scratch project of a few images, its time limit, and what is made of its records."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from project import Project, small_params
from torch import nn

from wsss.config.resolve import load_parameters, resolve
from wsss.data.prepared import PreparedDataset
from wsss.product.record import Record, write_record
from wsss.smoke.forecast import forecasts
from wsss.smoke.page import smoke_page
from wsss.smoke.scratch import make_scratch
from wsss.smoke.speedups import SETTINGS, speeds
from wsss.smoke.trial import Outcome, run_trial
from wsss.smoke.utilisation import Utilisation


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """A project with a prepared `mini` of 12 scenes to train on and batches of 20."""
    params = small_params()
    for block in (params["datasets"]["mini"]["kinds"]["transformer"]["seed"], params["datasets"]["mini"]["affinity"]):
        block.update(epochs=7, batch_size=20)
    made = Project(tmp_path_factory.mktemp("project"), params)
    done = made.run("python", "stages/prepare_data.py", "--dataset", "mini", "--out", "data/mini")
    assert done.returncode == 0, done.stdout
    return made


@pytest.fixture(scope="module")
def scratch(project, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("scratch")
    parameters = load_parameters(project.root / "params.yaml", "mini", "main")
    make_scratch(project.root, parameters, project.root / "data/mini", folder)
    return folder


def test_images_to_train_on_are_there_as_often_as_a_full_batch_takes(scratch):
    dataset = PreparedDataset(scratch / "data/mini")
    assert len(dataset.split("train")) == 24 and len(dataset.split("val")) == 6
    first, copy = dataset.split("train")[0], dataset.split("train")[12]
    assert (dataset.image(first) == dataset.image(copy)).all() and (dataset.mask(first) == dataset.mask(copy)).all()
    assert dataset.classes_of(first) == dataset.classes_of(copy)


def test_trainings_are_short_and_all_else_is_as_it_was(project, scratch):
    before = load_parameters(project.root / "params.yaml", "mini", "main")
    after = load_parameters(scratch / "params.yaml", "mini", "main")
    assert (after.seed.epochs, after.seed.batch_size) == (3, 20)  # of one step each
    assert after.segmentation.epochs == 1  # of four steps
    assert after.seed.augmentation == before.seed.augmentation and after.predict == before.predict


def test_relative_paths_of_params_hold_in_the_scratch_project(project, tmp_path):
    params = small_params()
    (project.root / "own/weights").mkdir(parents=True, exist_ok=True)
    (project.root / "own/weights/dino.pth").touch()
    params["files"] = {"dino": "own/weights/dino.pth", "elsewhere": "$NOT_SET/x.pth", "none": "own/none.pth"}
    project.write_params(params)
    make_scratch(project.root, resolve(params, "mini", "main"), project.root / "data/mini", tmp_path)
    files = Project.at(tmp_path).root / "params.yaml"
    text = files.read_text()
    assert f"dino: {project.root / 'own/weights/dino.pth'}" in text
    assert "elsewhere: $NOT_SET/x.pth" in text and "none: own/none.pth" in text


def record(stage: str, images: int, seconds: float, **measured: float | str) -> Record:
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return Record(stage, "mini", {}, {}, {}, None, images=images, seconds=seconds, made=made, measured=measured)


def test_hours_grow_with_the_images_and_the_start_does_not(project, tmp_path):
    products = {
        "main/seed_network": record("train_seed", 60, 12.0, loop_seconds=6.0, waiting_seconds=1.5, precision="float32"),
        "main/seeds": record("extract_seed", 24, 3.0, loop_seconds=2.4),
        "main/predictions/test": record("predict", 3, 3.0, loop_seconds=3.0),
    }
    for name, one in products.items():
        path = tmp_path / "results/mini" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_record(path, one)
    write_record(tmp_path / "results/mini/main/params.yaml", record("resolve_params", 0, 1.0))
    params = small_params()
    params["datasets"]["mini"]["kinds"]["transformer"]["seed"].update(epochs=10, batch_size=4)
    found = forecasts(tmp_path, PreparedDataset(project.root / "data/mini"), lambda v: resolve(params, "mini", v))
    predictions, network, seeds = sorted(found, key=lambda one: str(one.product))
    assert (predictions.images, network.images, seeds.images) == (3, 10 * 12, 12)
    assert network.start == 6.0 and network.images_per_second == 10.0 and network.waiting == 0.25
    assert network.hours == pytest.approx((6 + 120 / 10) / 3600)
    assert seeds.hours == pytest.approx((0.6 + 12 / 10) / 3600) and seeds.waiting is None


def test_a_trial_stops_at_its_limit_with_everything_that_it_started(tmp_path):
    (tmp_path / "Snakefile").write_text('rule all:\n    shell: "touch started; sleep 654321"\n')
    start = time.monotonic()
    outcome = run_trial(tmp_path, ["all"], 1, 20)
    assert (tmp_path / "started").exists()
    assert outcome.stopped and not outcome.finished and time.monotonic() - start < 60
    alive = subprocess.run(["pgrep", "-f", "sleep 65432[1]"], capture_output=True)
    assert alive.returncode == 1


def test_a_trial_that_fails_says_of_which_stage_and_why(tmp_path):
    (tmp_path / "Snakefile").write_text(
        'rule all:\n    log: "logs/one.log"\n    shell: "echo error: the GPU ran out of memory > {log}; false"\n'
    )
    outcome = run_trial(tmp_path, ["all"], 1, 300)
    assert not outcome.stopped and not outcome.finished
    assert outcome.failures == ("logs/one.log: error: the GPU ran out of memory",)


def test_the_load_of_the_busiest_gpu_is_told_for_the_time_of_a_stage(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\nwhile :; do echo 20; echo 80; echo '[N/A]'; sleep 0.2; done\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with Utilisation() as utilisation:
        time.sleep(1)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    assert utilisation.during(now, 3) == 80
    assert utilisation.during("2020-01-01T00:00:00+00:00", 3) is None


def test_without_nvidia_smi_no_load_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with Utilisation() as utilisation:
        pass
    assert utilisation.during(datetime.now(UTC).isoformat(), 10) is None


def test_every_setting_has_a_speed_or_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))  # no C compiler
    found = speeds(lambda: nn.Conv2d(3, 2, 1), batch_size=2, crop_size=8, device=torch.device("cpu"))
    assert list(found) == [setting.name for setting in SETTINGS]
    assert all(isinstance(value, float) and value > 0 for value in list(found.values())[:3])
    assert found["bfloat16, channels-last, torch.compile"] == "no C compiler here"
    too_small = speeds(lambda: nn.Conv2d(3, 2, 9), batch_size=2, crop_size=8, device=torch.device("cpu"))
    assert str(too_small["float32"]).startswith("failed: ")


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        (Outcome(192.0, True, False, ()), "**Everything ran**, in 3.2 minutes."),
        (
            Outcome(600.0, False, True, ()),
            "**Stopped at the limit**, after 10.0 minutes. The last that was made: nothing.",
        ),
        (Outcome(6.0, False, False, ("a.log: error: no",)), "**It failed**, after 0.1 minutes. The last"),
    ],
)
def test_the_page_begins_with_how_it_ended(outcome, first):
    page = smoke_page("mini", [], outcome, Utilisation(), {}, {"machine": "none"})
    assert page.split("\n")[2].startswith(first)
    assert ("- a.log: error: no" in page) == bool(outcome.failures)


@pytest.mark.slow
def test_the_page_of_mini_has_every_stage_and_leaves_nothing_behind(tmp_path):
    project = Project(tmp_path, small_params())
    done = project.snakemake("results/mini/smoke.md")
    assert done.returncode == 0, done.stdout
    page = (tmp_path / "results/mini/smoke.md").read_text()
    assert "**Everything ran**" in page
    made = ("seed_network", "seeds", "affinity_labels", "affinity_network", "masks", "segmentation_network")
    for product in (*made, "predictions/val", "val_metrics.json"):
        assert f"| results/mini/main/{product} |" in page
    assert not list((tmp_path / "results/mini").glob("main*"))
    assert "Nothing to be done" in project.snakemake("results/mini/smoke.md").stdout
