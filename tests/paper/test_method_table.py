"""Tables of published methods: our number on all images of val, and on those with a label."""

from __future__ import annotations

import csv
import json

import pytest
from paths import REPOSITORY
from program import run_program

from wsss.paper.method_table import entries, markdown, metrics_of
from wsss.paper.spread import spread
from wsss.paper.table_file import MethodTable
from wsss.paper.table_runs import TableRuns
from wsss.workflow import Experiments

TABLES = REPOSITORY / "workflow/tables.yaml"
RUNS = {"CAM": "mapping=cam,regularization=none", "CM": "mapping=cm", "theirs": "extract.from=theirs"}
OVERLAPS = "the smaller object lies over the larger"
METRICS = {
    "split": "val",
    "images": 40504,
    "miou": 42.0,
    "overlaps": OVERLAPS,
    "labelled_only": {"images": 40137, "miou": 42.5},
}


def table(columns: list[str]) -> MethodTable:
    rows = [
        {"method": "theirs", "paper": {"val": 40.0}},
        {"method": "ours", "paper": {"val": 42.7}, "ours": "resnet38"},
    ]
    return MethodTable(title="networks", data="COCO", columns=columns, rows=rows)


def test_a_column_shows_images_with_a_label_and_their_number():
    assert metrics_of("val", METRICS) == METRICS
    labelled = metrics_of("val_labelled", METRICS)
    assert (labelled["miou"], labelled["images"], labelled["split"]) == (42.5, 40137, "val")


def test_where_every_image_has_a_label_both_columns_are_one():
    plain = {"split": "val", "images": 240, "miou": 60.0}
    assert metrics_of("val_labelled", plain) == plain


def test_a_column_that_the_paper_has_nothing_for_has_ours_alone():
    published = table(["val", "val_labelled"])
    ours = {(1, "val"): spread([42.0]), (1, "val_labelled"): spread([42.5])}
    lines = markdown("table4", published, entries(published, ours), "val on COCO").splitlines()
    assert lines[2] == "| method | val, paper | val, ours | val with a label, ours |"
    assert lines[4:6] == ["| theirs | 40.0 |  |  |", "| ours | 42.7 | 42.0 | 42.5 |"]


@pytest.mark.parametrize("dataset", ["coco", "mini"])
def test_both_columns_of_table_4_are_made_of_the_same_predictions(dataset):
    metrics = TableRuns(Experiments(REPOSITORY / "params.yaml"), TABLES).comparison_metrics("table4", dataset)
    ours = {label.split("/")[0] for label in metrics}
    assert ours and all(metrics[f"{row}/val/0"] == metrics[f"{row}/val_labelled/0"] for row in ours)


def test_table_4_shows_both_and_says_which_object_lies_over_which(tmp_path):
    path, out = tmp_path / "val_metrics.json", tmp_path / "table4.md"
    path.write_text(json.dumps(METRICS))
    ours = [f"10/{column}/0={path}" for column in ("val", "val_labelled")]
    options = ["--dataset", "coco", "--tables", TABLES, "--table", "table4", "--out", out]
    done = run_program("compare_methods", *options, "--metrics", *ours)
    assert done.returncode == 0, done.stderr
    text = out.read_text()
    assert "| USAGE | ResNet38 | I | 42.7 | 42.0 | 42.5 |" in text
    assert "val on the 40504 images of val of coco and val with a label on the 40137 images of val of coco" in text
    assert f"where objects overlap, {OVERLAPS}" in text
    with out.with_suffix(".csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["ours"]]
    assert [(row["miou_of"], row["paper"], row["ours"]) for row in rows] == [
        ("val", "42.7", "42.0"),
        ("val_labelled", "", "42.5"),
    ]


def test_a_table_of_ours_alone_says_nothing_of_a_paper():
    rows = [{"method": method, "ours": "resnet38", "run": f"transformer {run}"} for method, run in RUNS.items()]
    published = MethodTable(title="three methods", columns=["seed"], rows=rows)
    ours = {(row, "seed"): spread([40.0 + row]) for row in range(3)}
    text = markdown("methods", published, entries(published, ours), "seeds on mini")
    assert "paper" not in text and "| theirs | 42.0 |" in text.splitlines()


def test_another_method_s_seeds_run_under_the_same_segmentation_network():
    experiments = Experiments(REPOSITORY / "params.yaml")
    experiments.params["foreign"] = {"theirs": "/seeds"}
    runs = TableRuns(experiments, TABLES)
    rows = [{"method": method, "ours": "resnet38", "run": f"transformer {run}"} for method, run in RUNS.items()]
    runs.file.comparisons["methods"] = MethodTable(title="three", columns=["seed", "mask", "val"], rows=rows)
    metrics = runs.comparison_metrics("methods", "mini")
    assert [metrics[f"2/{what}/0"] for what in ("seed", "mask", "val")] == [
        f"results/mini/extract.from=theirs/{what}_metrics.json" for what in ("seed", "mask", "val")
    ]
    assert metrics["0/val/0"] == "results/mini/mapping=cam,regularization=none/val_metrics.json"
