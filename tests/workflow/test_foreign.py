"""From another method's folder to a val mIoU, and into one table beside ours: the real rules, with tiny networks."""

from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
from PIL import Image, ImageFilter
from project import Project, small_params

from wsss.data.prepared import PreparedDataset

pytestmark = pytest.mark.slow

TABLES = """
runs: []
tables:
  table1:
    title: mappings
    rows:
      - { label: CM, run: "transformer mapping=cm,regularization=none", paper: { miou: 60.0 } }
claims: []
comparisons:
  methods:
    title: Three methods under one protocol
    columns: [seed, mask, val]
    rows:
      - { method: CAM, ours: resnet38, run: "transformer mapping=cam,regularization=none" }
      - { method: CM, ours: resnet38, run: "transformer mapping=cm,regularization=none" }
      - { method: drawn seeds, ours: resnet38, run: "transformer extract.from=drawn" }
"""


def jobs(output: str) -> list[str]:
    """Return the rules that a run has started or a dry run lists."""
    return re.findall(r"^(?:local)?rule (\w+):", output, re.MULTILINE)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with prepared data, PSA dictionaries made of blurred true masks, and these masks as grey pictures."""
    root = tmp_path_factory.mktemp("foreign")
    project = Project(root / "project", small_params() | {"foreign": {"drawn": "../drawn", "masks": "../masks"}})
    (project.root / "workflow/tables.yaml").write_text(TABLES)
    done = project.snakemake("data/mini")
    assert done.returncode == 0, done.stdout
    data = PreparedDataset(project.root / "data/mini")
    for folder in ("drawn", "masks"):
        (root / folder).mkdir()
    for name in data.split("train"):
        mask = data.mask(name)
        maps = {}
        for number in data.classes_of(name):
            blurred = Image.fromarray(255 * (mask == number).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1))
            maps[number - 1] = np.asarray(blurred, np.float32) / 255
        np.save(root / f"drawn/{name}.npy", maps, allow_pickle=True)
        Image.fromarray(mask).save(root / f"masks/{name}.png")
    return project


def metrics(project, path):
    return json.loads((project.root / "results/mini" / path).read_text())


def test_seeds_of_another_method_lead_to_a_val_miou_without_a_seed_network(project):
    target = "results/mini/extract.from=drawn/val_metrics.json"
    done = project.snakemake(target, "results/mini/extract.from=drawn/seed_metrics.json")
    assert done.returncode == 0, done.stdout
    assert "train_seed" not in jobs(done.stdout)
    assert set(jobs(done.stdout)) >= {"extract_seed", "label_affinity", "train_affinity", "make_mask", "predict"}
    assert metrics(project, "extract.from=drawn/val_metrics.json")["images"] == 6
    assert metrics(project, "extract.from=drawn/seed_metrics.json")["miou"] > 90  # they are made of the true masks
    assert "Nothing to be done" in project.snakemake("-n", target).stdout


def test_masks_of_another_method_need_nothing_before_them_and_are_measured_as_ours(project):
    targets = [f"results/mini/mask.from=masks/{name}" for name in ("val_metrics.json", "mask_metrics.json")]
    done = project.snakemake(*targets, "results/mini/mask.from=masks/mask_quality.json")
    assert done.returncode == 0, done.stdout
    made = {"make_mask", "evaluate_mask", "inspect_masks", "train_segmentation", "predict", "evaluate_val"}
    assert set(jobs(done.stdout)) == made
    assert metrics(project, "mask.from=masks/mask_metrics.json")["miou"] == 100
    quality = metrics(project, "mask.from=masks/mask_quality.json")
    assert quality["images_lacking_a_class"] == 0 and "void" not in quality
    page = (project.root / "results/mini/mask.from=masks/mask_quality.html").read_text()
    assert "Photo, mask." in page and "contradicted</td>" not in page


def test_three_methods_stand_in_one_table_under_one_protocol(project):
    done = project.snakemake("results/tables/mini/methods.md")
    assert done.returncode == 0, done.stdout
    assert jobs(done.stdout).count("train_seed") == 2  # CAM's and CM's
    page = (project.root / "results/tables/mini/methods.md").read_text()
    assert "| method | seeds, ours | masks, ours | val, ours |" in page and "paper" not in page
    numbers = [metrics(project, f"extract.from=drawn/{what}_metrics.json")["miou"] for what in ("seed", "mask", "val")]
    assert f"| drawn seeds | {' | '.join(f'{one:.1f}' for one in numbers)} |" in page
    for method in ("CAM", "CM"):
        assert re.search(rf"^\| {method} \| \d+\.\d \| \d+\.\d \| \d+\.\d \|$", page, re.MULTILINE)


def test_a_folder_that_has_moved_runs_nothing_and_a_changed_file_runs_what_follows(project):
    target = "results/mini/extract.from=drawn/val_metrics.json"
    shutil.move(project.root.parent / "drawn", project.root.parent / "moved")
    project.params["foreign"]["drawn"] = "../moved"
    project.write_params(project.params)
    assert "Nothing to be done" in project.snakemake("-n", target).stdout
    name = (project.root / "data/mini/splits/train.txt").read_text().split()[0]
    seed = np.load(project.root.parent / f"moved/{name}.npy", allow_pickle=True).item()
    np.save(project.root.parent / f"moved/{name}.npy", {key: one / 2 for key, one in seed.items()}, allow_pickle=True)
    planned = jobs(project.snakemake("-n", target).stdout)
    assert "extract_seed" in planned and "predict" in planned and "train_seed" not in planned


def test_what_is_wrong_is_refused_when_it_is_planned(project):
    done = project.snakemake("-n", "results/mini/extract.from=drwn/val_metrics.json")
    assert done.returncode != 0 and "did you mean 'drawn'" in done.stdout
    params = project.params
    project.write_params(params | {"foreign": {"drawn": "../gone"}})
    done = project.snakemake("-n", "results/mini/extract.from=drawn,extract.flip=false/seeds")  # not made yet
    assert done.returncode != 0 and "foreign.drawn: there is no folder ../gone" in done.stdout
    project.write_params(params)


def test_exports_are_targets(project):
    targets = [f"results/mini/extract.from=drawn/export/{what}" for what in ("seeds", "crf", "masks", "labels")]
    done = project.snakemake(*targets)
    assert done.returncode == 0, done.stdout
    names = {f"{name}.npy" for name in (project.root / "data/mini/splits/train.txt").read_text().split()}
    for folder in ("seeds/psa/out_cam", "seeds/irn/cam", "crf/out_la_crf", "crf/out_ha_crf"):
        assert {path.name for path in (project.root / targets[0]).parent.joinpath(folder).iterdir()} == names
    assert (project.root / targets[3] / "psa/cls_labels.npy").exists()
