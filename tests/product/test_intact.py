"""A product that was cut, lost or changed since it was made is found when the next stage begins, with the command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from program import run_program
from project import Project, small_params

from wsss.product.intact import remedy
from wsss.product.record import read_record, record_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A project with data and a seed network, made by the programs."""
    project = Project(tmp_path_factory.mktemp("project"), small_params())
    for words in (
        ("prepare_data", "--out", "data/mini"),
        ("train_seed", "--data", "data/mini", "--out", "results/mini/main/seed_network"),
        ("extract_seed", *EXTRACT),
    ):
        done = run_program(words[0], "--dataset", "mini", *words[1:], "--threads", 1, folder=project.root)
        assert done.returncode == 0, done.stderr
    return project.root


NETWORK, SEEDS = "results/mini/main/seed_network", "results/mini/main/seeds"
EXTRACT = ("--data", "data/mini", "--network", NETWORK, "--out", SEEDS)
READERS = {
    NETWORK: ("extract_seed", *EXTRACT),
    SEEDS: ("evaluate", "--step", "evaluate_seed", "--data", "data/mini", "--made", SEEDS, "--out", "metrics.json"),
    "data/mini": ("train_seed", "--data", "data/mini", "--out", "another_network"),
}


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def turn_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lose(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [cut, empty, turn_a_bit, lose])
@pytest.mark.parametrize(
    "member",
    [
        f"{NETWORK}/network.safetensors",
        f"{NETWORK}/curve.csv",
        f"{SEEDS}/train_00003.npz",
        "data/mini/labels.csv",
        "data/mini/splits/train.txt",
        "data/mini/images/train_00005.png",
        "data/mini/masks/train_00005.png",
    ],
)
def test_a_broken_product_is_refused_with_its_stage_and_command(made, tmp_path, damage, member):
    root = tmp_path / "project"
    shutil.copytree(made, root, symlinks=True)
    product = next(one for one in READERS if member.startswith(one))
    assert (root / member).is_file(), member
    damage(root / member)
    stage, *words = READERS[product]
    done = run_program(stage, "--dataset", "mini", *words, folder=root)
    maker = {NETWORK: "train_seed", SEEDS: "extract_seed", "data/mini": "prepare_data"}[product]
    assert done.returncode == 1 and "Traceback" not in done.stderr
    (error,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert error.startswith(f"error: {product}: is not what {maker} made")
    assert f"snakemake --cores all {product}" in error and str(record_path(Path(product))) in error


def test_a_product_that_is_gone_is_refused_so_too(made, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(made, root, symlinks=True)
    shutil.rmtree(root / SEEDS)
    done = run_program("evaluate", "--dataset", "mini", *READERS[SEEDS][1:], folder=root)
    assert done.returncode == 1
    assert f"error: {SEEDS}: is gone; to make it again, type: snakemake --cores all {SEEDS}" in done.stderr


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("results/VOC/main/seeds", "type: snakemake --cores all results/VOC/main/seeds"),
        (
            "results/größe/weights=O'Hare/seeds",
            "type: snakemake --cores all 'results/größe/weights=O'\"'\"'Hare/seeds'",
        ),
        ("/tmp/My Seeds", "run stages/extract_seed.py with --out '/tmp/My Seeds'"),
    ],
)
def test_the_command_is_one_that_can_be_typed(made, monkeypatch, path, said):
    monkeypatch.chdir(made)
    record = read_record(Path(SEEDS))
    assert remedy(Path(path), record) == said


def test_what_has_no_record_may_hold_anything(made, tmp_path):
    root = tmp_path / "project"
    shutil.copytree(made, root, symlinks=True)
    turn_a_bit(root / NETWORK / "curve.csv")
    record_path(root / NETWORK).unlink()
    done = run_program("extract_seed", "--dataset", "mini", *EXTRACT[:-1], "others", folder=root)
    assert done.returncode == 0, done.stderr
