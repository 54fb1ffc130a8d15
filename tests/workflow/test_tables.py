"""`snakemake tables`: from nothing to the tables, each setting trained once."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from project import Project, small_params

pytestmark = pytest.mark.slow

TABLES = """
runs: []
tables:
  table1:
    title: one
    rows:
      - { label: CAM, run: "transformer mapping=cam,regularization=none", paper: { miou: 52.3, fpr: 28.4, fnr: 19.1 } }
      - { label: CNN, run: "cnn mapping=cam,regularization=none", paper: { miou: 47.8, fpr: 22.6, fnr: 30.1 } }
  table8:
    title: eight
    rows:
      - { label: CAM, run: "transformer regularization=none,mapping=cam", paper: { miou: 52.3 } }
      - { label: CM, run: "transformer mapping=cm,regularization=none", paper: { miou: 64.0 }, baseline: CAM }
claims:
  - statement: CM helps
    source: table 8
    larger:
      - of: [miou, "transformer mapping=cm,regularization=none"]
        than: [miou, "transformer mapping=cam,regularization=none"]
figures:
  figure2:
    title: features and seeds
    columns:
      - { label: features, run: "transformer mapping=cam,regularization=none", show: features }
      - { label: CM, run: "transformer mapping=cm,regularization=none" }
  figure6:
    title: predictions
    split: val
    columns:
      - { label: CM, run: "transformer main", show: prediction }
comparisons:
  table3:
    title: networks
    data: VOC
    columns: [val, test]
    rows:
      - { method: other, backbone: ResNet101, paper: { val: 70.0 } }
      - { method: ours, backbone: ResNet38, paper: { val: 71.9, test: 72.8 }, ours: resnet38 }
      - { method: ours, backbone: ResNet101, paper: { val: 71.9 }, ours: resnet101 }
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    params = small_params()
    mini = params["datasets"]["mini"]
    mini["tables"] = {
        "backbones": {"transformer": "tiny_transformer", "cnn": None},
        "segmentation": {"resnet38": "main", "resnet101": None},
        "random_seeds": [0],
        "claim_random_seeds": [0],
    }
    project = Project(tmp_path_factory.mktemp("project"), params)
    (project.root / "workflow/tables.yaml").write_text(TABLES)
    assert project.run("git", "init", "-q").returncode == 0
    done = project.snakemake("tables", "claims", "paper_figures", "results/mini/main/params.yaml")
    assert done.returncode == 0, done.stdout
    project.first = done.stdout
    return project


def test_two_settings_in_three_rows_are_two_trainings(project):
    trained = re.findall(r"^(?:local)?rule train_seed:", project.first, re.MULTILINE)
    assert len(trained) == 3  # and main's, for the table of methods
    page = (project.root / "results/tables/mini/tables.md").read_text()
    assert "3 rows of ours in 2 tables of seeds, made of 2 trainings" in page
    assert "on the 12 images of train of mini; one random seed" in page and "params.yaml): CNN" in page


def test_files_of_every_table_and_the_claims_are_there(project):
    made = {path.name for path in (project.root / "results/tables/mini").iterdir()}
    assert made >= {f"{table}.{end}" for table in ("table1", "table3", "table8") for end in ("md", "csv", "png")}
    table3 = (project.root / "results/tables/mini/table3.md").read_text().splitlines()
    val = json.loads((project.root / "results/mini/main/val_metrics.json").read_text())["miou"]
    assert f"| ours | ResNet38 | 71.9 | {val:.1f} | 72.8 |  |" in table3  # test is for VOC's server
    assert "| ours | ResNet101 | 71.9 |  | – |  |" in table3
    assert "CM helps" in (project.root / "results/mini/claims.md").read_text()
    assert (project.root / "results/mini/claims.json").exists()


def test_figures_take_the_seeds_of_the_tables(project):
    assert (project.root / "results/mini/figures/figure6.png").read_bytes()[:4] == b"\x89PNG"
    assert (project.root / "results/mini/figures/figure2.png").read_bytes()[:4] == b"\x89PNG"
    maps = list((project.root / "results/mini/mapping=cam,regularization=none/features").glob("*.npy"))
    assert len(maps) == 6 and np.load(maps[0]).shape == (6, 6)  # 48 pixels at stride 8


def test_edited_random_seeds_train_the_others(project):
    params = project.params
    params["datasets"]["mini"]["tables"]["random_seeds"] = [0, 1]
    project.write_params(params)
    done = project.snakemake("tables")
    assert done.returncode == 0, done.stdout
    assert len(re.findall(r"^(?:local)?rule train_seed:", done.stdout, re.MULTILINE)) == 3  # the other random seed's
    assert "2 random seeds" in (project.root / "results/tables/mini/table8.md").read_text()
    assert "Nothing to be done" in project.snakemake("-n", "tables").stdout
