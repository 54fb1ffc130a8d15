"""The calibration: published numbers beside ours."""

from __future__ import annotations

import json
import re

import pytest
from paths import REPOSITORY
from program import run_program

from wsss.errors import InputError
from wsss.paper.calibration import calibration_markdown, measured_line, verdict
from wsss.paper.table_file import CalibrationLine, read_tables
from wsss.paper.table_runs import TableRuns
from wsss.plan import Plan
from wsss.product.record import Record
from wsss.workflow import Experiments

TABLES = REPOSITORY / "workflow/tables.yaml"
METRICS = {"miou": 52.2, "images": 1464, "split": "train"}


@pytest.fixture(scope="module")
def runs() -> TableRuns:
    return TableRuns(Experiments(REPOSITORY / "params.yaml"), TABLES)


@pytest.mark.parametrize(
    ("ours", "others", "expected"),
    [
        (55.2, [], "agrees"),
        (54.3, [50.7], "agrees"),
        (52.0, [50.7], "as others got"),
        (49.8, [50.7], "as others got"),
        (49.6, [50.7], "lower"),
        (52.0, [], "lower"),
        (56.3, [50.7], "higher"),
    ],
)
def test_a_number_agrees_within_one_point_or_is_as_others_got_or_is_not(ours, others, expected):
    assert verdict(ours, 55.2, others) == expected


def test_numbers_of_usage_are_those_of_its_tables(runs):
    paper = {row.run: row.paper["miou"] for row in runs.file.tables["table1"].rows}
    lines = [line for line in runs.file.calibration.values() if line.source.startswith("USAGE") and line.of == "seed"]
    assert len(lines) == 5
    for line in lines:
        assert line.published["voc"] == paper[line.run]
    usage = next(row for row in runs.file.comparisons["table2"].rows if row.method == "USAGE")
    assert runs.file.calibration["usage_mask"].published["voc"] == usage.paper["mask"]
    for table, dataset in (("table3", "voc"), ("table4", "coco")):
        rows = runs.file.comparisons[table].rows
        val = next(row.paper["val"] for row in rows if (row.method, row.backbone) == ("USAGE", "ResNet38"))
        assert runs.file.calibration["usage_val"].published[dataset] == val


def test_what_costs_least_is_asked_for_first_and_all_of_voc_has_an_estimate(runs):
    lines = list(runs.file.calibration.values())
    assert all("voc" in line.hours for line in lines)
    assert lines[0].hours["voc"] == min(line.hours["voc"] for line in lines)


def test_jobs_on_the_way_to_early_lines_come_first(tmp_path, monkeypatch, runs):
    monkeypatch.chdir(tmp_path)
    plan = Plan(runs.experiments, runs)

    cnn, main = ({"dataset": "mini", "variant": variant} for variant in ("backbone=tiny_cnn", "main"))
    assert plan.priorities.of(cnn) == plan.priorities.of(main) == 0
    for line in ("usage_cnn", "usage_transformer"):
        plan.inputs("calibrate", {"dataset": "mini", "line": line})
    assert plan.priorities.of(main) > plan.priorities.of(cnn) > 0
    assert plan.priorities.of({"dataset": "mini", "line": "usage_cnn"}) > plan.priorities.of(main)
    assert plan.priorities.of({"archive": "x.tar"}) == 0


def test_a_data_set_has_the_lines_that_it_has_networks_and_true_masks_for(runs):
    assert len(runs.calibration_lines("voc")) == len(runs.lines)
    photos = runs.calibration_lines("photos")
    assert "psa_cam" in photos and "true_masks" in photos and not any("transformer" in name for name in photos)


def test_no_line_at_all_is_refused_with_the_reason(tmp_path):
    experiments = Experiments(REPOSITORY / "params.yaml")
    experiments.params["datasets"]["mini"]["tables"]["backbones"] = {"transformer": None, "cnn": None}
    with pytest.raises(InputError, match="tables.backbones"):
        TableRuns(experiments, TABLES).calibration_lines("mini")


def test_a_line_tells_hours_and_devices_of_all_that_is_behind_it():
    line = read_tables(TABLES).line("mct_v1")
    network = Record("train_seed", "voc", {}, {}, {}, None, seconds=3600, device="NVIDIA H200")
    seeds = Record("extract_seed", "voc", {}, {}, {}, None, seconds=1800, device="x86_64")
    one = measured_line("mct_v1", line, "voc", METRICS, [network, seeds, None])
    assert (one["hours"], one["devices"]) == (1.5, ["NVIDIA H200"])
    assert one["difference"] == pytest.approx(-3.0) and one["verdict"] == "as others got"


def test_the_page_shows_what_is_done_and_the_target_of_what_is_not(runs):
    lines = {name: runs.file.line(name) for name in ("mct_v1", "psa_cam")}
    page = calibration_markdown("voc", lines, {"mct_v1": measured_line("mct_v1", lines["mct_v1"], "voc", METRICS, [])})
    done, waiting = (
        next(line for line in page.split("\n") if name in line) for name in ("mct_v1.json", "psa_cam.json")
    )
    assert "1 of 2 lines are done" in page and "**as others got**" in done and "| 52.2 |" in done and "| -3.0 |" in done
    assert "| 47.7 |" in waiting and "**" not in waiting and "| 2.8 |" in waiting


def test_without_published_numbers_there_is_no_column_for_them(runs):
    line = runs.file.line("mct_v1")
    page = calibration_markdown("mini", {"mct_v1": line}, {})
    assert "published |" not in page and "estimated" not in page
    assert "Nothing is published of these lines on mini" in page


def test_numbers_of_others_need_a_source():
    with pytest.raises(ValueError, match="others_source"):
        CalibrationLine(title="x", run="cnn main", of="seed", source="a paper", others={"voc": [1.0]})


def test_programs_make_a_line_and_the_page_and_overlook_the_records_beside(tmp_path):
    (tmp_path / "seed_metrics.json").write_text(json.dumps(METRICS))
    options = ["--dataset", "mini", "--tables", TABLES]
    line = ["--line", "psa_cam", "--metrics", tmp_path / "seed_metrics.json", "--products", "data/none"]
    done = run_program("calibrate", *options, *line, "--out", tmp_path / "psa_cam.json")
    assert done.returncode == 0, done.stderr
    files = sorted(tmp_path.glob("psa_cam.json*"))
    assert [path.name for path in files] == ["psa_cam.json", "psa_cam.json.run.json"]
    done = run_program("calibration_page", *options, "--lines", *files, "--out", tmp_path / "page.md")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "page.md").read_text()
    assert re.search(r"PSA, CAM of ResNet38, seeds \| 52\.2 \| seeds of 1464 images, train", text)
    assert "1 of 13 lines are done" in text


def test_an_unknown_line_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="did you mean 'psa_cam'"):
        read_tables(TABLES).line("psa_cams")
