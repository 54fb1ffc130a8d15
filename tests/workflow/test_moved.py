"""What time and place say does not count: a checkout that was moved, a clock set back, files that were touched."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest
from project import Project, small_params

TARGET = "results/mini/main/seed_metrics.json"
DAY = 86_400


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project that Snakemake has run to the metrics of seeds."""
    project = Project(tmp_path_factory.mktemp("project"), small_params())
    done = project.snakemake(TARGET)
    assert done.returncode == 0, done.stdout
    return project


def plan(root: Path) -> str:
    done = Project.at(root).snakemake("-n", TARGET)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
def test_a_checkout_that_was_moved_or_copied_has_nothing_to_do(made, tmp_path):
    copied, moved = tmp_path / "copied", tmp_path / "moved to"
    shutil.copytree(made.root, copied, symlinks=True)
    assert "Nothing to be done" in plan(copied)
    copied.rename(moved)
    assert "Nothing to be done" in plan(moved)


@pytest.mark.slow
@pytest.mark.parametrize("shift", [2 * DAY, -400 * DAY, None])
def test_times_of_any_kind_plan_nothing(made, tmp_path, shift):
    """All files are of the day after tomorrow, as after a clock that was set back, of last year, or of any time."""
    root = tmp_path / "project"
    shutil.copytree(made.root, root, symlinks=True)
    files = [path for path in sorted(root.rglob("*")) if not path.is_symlink()]
    for index, path in enumerate(files):
        when = time.time() + (shift if shift is not None else (index * 7919 % 1000 - 500) * 1000)
        os.utime(path, (when, when))
    assert "Nothing to be done" in plan(root)


@pytest.mark.slow
def test_after_a_clock_was_set_back_a_changed_parameter_makes_what_it_must_and_no_more(made, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(made.root, root, symlinks=True)
    for path in root.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (time.time() + DAY, time.time() + DAY))
    params = root / "params.yaml"
    params.write_text(params.read_text().replace("flip: true\n  seed_map", "flip: false\n  seed_map"))
    text = plan(root)
    assert "rule extract_seed:" in text and "rule train_seed:" not in text
    done = Project.at(root).snakemake(TARGET)
    assert done.returncode == 0, done.stdout
    assert "Nothing to be done" in plan(root)


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil", [Path.unlink, lambda path: os.truncate(path, 100), lambda path: path.write_bytes(b"")]
)
def test_a_product_that_lacks_or_cut_a_file_is_made_again_and_no_other(made, tmp_path, spoil):
    root = tmp_path / "project"
    shutil.copytree(made.root, root, symlinks=True)
    seed = root / "results/mini/main/seeds/train_00003.npz"
    whole = seed.read_bytes()
    spoil(seed)
    text = plan(root)
    assert "rule extract_seed:" in text and "rule train_seed:" not in text
    done = Project.at(root).snakemake(TARGET)
    assert done.returncode == 0, done.stdout
    assert seed.read_bytes() == whole and "Nothing to be done" in plan(root)
