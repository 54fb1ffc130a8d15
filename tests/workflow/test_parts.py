"""Jobs over images: another number of jobs gives the same product, a killed one repeats its own part alone."""

import os
import signal
import time
from pathlib import Path

import pytest
from project import Project, small_params

from wsss.product.digest import digest_of
from wsss.product.record import read_record

pytestmark = pytest.mark.slow
PRODUCTS = [
    f"results/mini/{name}"
    for name in ("main/seeds", "main/affinity_labels", "main/masks", "main/predictions/val", "main/val_metrics.json")
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A project whose products one job each has made."""
    project = Project(tmp_path_factory.mktemp("whole"), _params(1))
    done = project.snakemake("results/mini/main/val_metrics.json")
    assert done.returncode == 0, done.stdout
    return project


def _params(jobs: int) -> dict:
    params = small_params()
    mini = params["datasets"]["mini"]
    mini["data"].update(image_size=128, scenes={"train": 40, "val": 40, "test": 3})  # of which 16 share a batch
    mini["kinds"]["transformer"]["seed"]["epochs"] = 4  # so that there are seeds
    params["jobs"]["over_images"] = jobs
    return params


def _digests(project: Project) -> dict[str, str | None]:
    return {path: digest_of(project.root / path) for path in PRODUCTS}


def test_three_and_seven_jobs_of_which_one_is_killed_make_the_same(whole, tmp_path):
    project = Project(tmp_path, _params(3))
    done = project.snakemake("results/mini/main/masks")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("rule extract_seed_part:") == 3
    project.write_params(_params(7))  # between two stages
    process = project.start("snakemake", "--cores", "2", "results/mini/main/val_metrics.json")
    parts = project.root / "results/mini/main/.parts/predictions/val"
    waited = time.monotonic() + 300
    while len(list(parts.glob("*.run.json"))) < 3:
        assert time.monotonic() < waited and process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    made = len(list(parts.glob("*.run.json")))
    done = project.snakemake("results/mini/main/val_metrics.json")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("rule predict_part:") in (7 - made, 8 - made)  # Snakemake may not have seen the last one
    assert _digests(project) == _digests(whole)
    assert not list(Path(project.root / "results").rglob(".parts"))
    record = read_record(project.root / "results/mini/main/predictions/val")
    assert record.images == 40 and record.measured["jobs"] == 7 and "part" not in record.options
    for jobs in (1, 3, 7):
        project.write_params(_params(jobs))
        assert "Nothing to be done" in project.snakemake("-n", "results/mini/main/val_metrics.json").stdout


def test_what_is_forced_is_made_by_jobs_over_images_again(whole, tmp_path):
    whole.write_params(_params(2))
    planned = whole.snakemake("-n", "-R", "make_mask", "--", "results/mini/main/masks").stdout
    assert planned.count("rule make_mask_part:") == 2
