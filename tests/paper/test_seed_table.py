"""The paper's tables: what is run for them, and what is said of the numbers."""

from __future__ import annotations

import copy
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from small import seed_metrics

from wsss.config import read_params
from wsss.errors import InputError
from wsss.paper.seed_table import markdown, measured_on, records, table_cells, tally
from wsss.paper.table_file import Table, read_tables
from wsss.paper.table_runs import TableRuns
from wsss.workflow import Experiments

REPOSITORY = Path(__file__).parent.parent
TABLES = REPOSITORY / "workflow/tables.yaml"


TABLE = Table(
    title="Two",
    rows=[
        {"label": "CAM", "run": "cnn mapping=cam", "paper": {"miou": 50.0}},
        {"label": "CM", "run": "cnn mapping=cm", "paper": {"miou": 52.0}, "baseline": "CAM"},
        {"label": "MIL", "run": "cnn mapping=mil", "paper": {"miou": 29.0}, "baseline": "CAM"},
    ],
)


# --- tables


def test_direction_is_that_of_the_papers_difference_from_the_baseline():
    cells = table_cells(TABLE, {"CAM": seed_metrics(40), "CM": seed_metrics(43), "MIL": seed_metrics(41)})
    assert [(cell.label, cell.direction) for cell in cells] == [("CAM", None), ("CM", "agrees"), ("MIL", "differs")]
    assert cells[1].our_difference.mean == 3 and cells[1].paper_difference == 2
    assert tally(cells) == "1 of 2 agree, 1 differ, 0 undecided"


def test_difference_smaller_than_the_spread_is_undecided():
    cells = table_cells(TABLE, {"CAM": seed_metrics(38, 42), "CM": seed_metrics(41, 43), "MIL": seed_metrics(20, 22)})
    assert [cell.direction for cell in cells] == [None, "undecided", "agrees"]


def test_markdown_names_the_papers_numbers_as_the_papers_and_says_over_how_many_seeds():
    metrics = {"CAM": seed_metrics(38, 42), "CM": seed_metrics(41, 43), "MIL": seed_metrics(20, 22)}
    text = markdown("table8", TABLE, table_cells(TABLE, metrics), "the 12 images of train of toy", 6)
    assert "| row | mIoU, ours | mIoU, paper (VOC train) | against the baseline |" in text
    assert "| CM | 42.0 ± 1.4 | 52.0 | +2.0 ± 3.2 (paper +2.0): undecided |" in text
    assert "| MIL | 21.0 ± 1.4 | 29.0 | -19.0 ± 3.2 (paper -21.0): agrees |" in text
    assert "the 12 images of train of toy; 2 random seeds" in text and "Rows: 3. Trainings: 6." in text


def test_one_seed_is_said_to_have_no_known_spread():
    cells = table_cells(TABLE, {"CAM": seed_metrics(40), "CM": seed_metrics(43), "MIL": seed_metrics(41)})
    assert "of unknown spread" in markdown("table8", TABLE, cells, "x", 3)


def test_rows_of_a_kind_without_a_network_are_left_out_and_named():
    cells = table_cells(TABLE, {"CAM": seed_metrics(40), "CM": seed_metrics(43)})
    text = markdown("table8", TABLE, cells, "x", 2)
    assert [cell.label for cell in cells] == ["CAM", "CM"] and "tables.backbones in params.yaml): MIL" in text


def test_records_have_every_number():
    cells = table_cells(TABLE, {"CAM": seed_metrics(38, 42), "CM": seed_metrics(41, 43), "MIL": seed_metrics(20, 22)})
    record = records("table8", cells)[1]
    assert (record["ours"], record["seeds"], record["paper_voc_train"], record["direction"]) == (42, 2, 52, "undecided")
    assert record["ours_sd"] == pytest.approx(2**0.5, abs=1e-4)
    assert record["ours_minus_baseline_sd"] == pytest.approx(10**0.5, abs=1e-4)


def test_metrics_of_different_images_are_not_put_in_one_table():
    with pytest.raises(InputError, match="different images"):
        measured_on("toy", [*seed_metrics(1), *({**one, "images": 13} for one in seed_metrics(2))])


# --- what is run


@pytest.fixture(scope="module")
def runs() -> TableRuns:
    return TableRuns(Experiments(REPOSITORY / "params.yaml"), TABLES)


def test_every_column_and_row_of_the_paper_is_a_row(runs):
    rows = {name: [row.paper["miou"] for row in runs.file.table(name).rows] for name in runs.tables}
    assert rows == {
        "table1": [47.8, 49.6, 57.7, 52.3, 64.0, 67.7],
        "table5": [67.2, 67.7, 67.1, 52.3, 51.4, 50.3, 48.9, 49.6, 50.5, 57.5, 57.7, 56.7],
        "table6": [66.4, 67.2, 67.7, 67.3, 66.9, 67.0, 66.8],
        "table7": [66.6, 67.2, 67.7, 55.5, 56.9, 57.7],
        "table8": [48.7, 29.3, 53.9, 55.4, 57.7, 52.3, 55.2, 54.3, 62.4, 65.1, 56.5, 67.7],
    }


@pytest.mark.parametrize("dataset", ["mini"])
def test_equal_settings_of_all_tables_are_one_training(runs, dataset):
    assert runs.all_trainings(dataset) == 34  # of 43 rows
    usage = f"results/{dataset}/main/seed_metrics.json"  # as params.yaml has it
    places = [("table1", 5), ("table5", 1), ("table6", 2), ("table7", 2), ("table8", 11)]
    assert {runs.table_metrics(table, dataset)[f"{row}/0"] for table, row in places} == {usage}
    assert runs.table_metrics("table5", dataset)["10/0"] == runs.table_metrics("table1", dataset)["2/0"]


def test_rows_of_each_kind_run_the_data_sets_network_of_that_kind(runs):
    assert runs.table_metrics("table8", "mini")["1/0"] == (
        "results/mini/backbone=tiny_cnn,mapping=mil,regularization=none/seed_metrics.json"
    )
    assert (
        runs.table_metrics("table8", "mini")["7/0"] == "results/mini/mapping=mil,regularization=none/seed_metrics.json"
    )


def test_every_random_seed_is_a_run_and_a_kind_without_network_none(runs):
    experiments = Experiments(REPOSITORY / "params.yaml")
    experiments.params = copy.deepcopy(experiments.params)
    experiments.params["tables"] |= {"random_seeds": [0, 3]}
    experiments.params["datasets"]["mini"]["tables"]["backbones"] = {"transformer": "tiny_transformer", "cnn": None}
    few = TableRuns(experiments, TABLES).table_metrics("table7", "mini")
    assert set(few) == {f"{row}/{seed}" for row in (0, 1, 2) for seed in (0, 3)}
    assert few["2/3"] == "results/mini/random_seed=3/seed_metrics.json"
    experiments = Experiments(REPOSITORY / "params.yaml")
    experiments.params["datasets"]["mini"]["tables"]["backbones"] = {"transformer": None, "cnn": None}
    with pytest.raises(InputError, match="tables.backbones"):
        TableRuns(experiments, TABLES).table_metrics("table7", "mini")


def test_rows_resolve_for_the_papers_networks(runs):
    """DeiT-S and ResNet38: the combinations of the tables are all allowed."""
    experiments = Experiments(REPOSITORY / "params.yaml")
    del experiments.params["datasets"]["mini"]["tables"]
    of_paper = TableRuns(experiments, TABLES)
    assert of_paper.all_trainings("mini") == 34


def test_figures_need_no_training_that_no_table_has(runs):
    trained = {path.rpartition("/")[0] for table in runs.tables for path in runs.table_metrics(table, "mini").values()}
    for figure in ("figure1", "figure2", "figure5", "figure7"):
        assert {path.rpartition("/")[0] for path in runs.figure_folders(figure, "mini").values()} <= trained
    assert runs.figure_folders("figure2", "mini")["2"] == "results/mini/mapping=cam,regularization=none/features"


def test_unknown_table_names_the_nearest(runs):
    with pytest.raises(InputError, match="did you mean 'table5'"):
        runs.table_metrics("tabel5", "mini")


def test_params_name_a_backbone_of_the_right_kind():
    params = read_params(REPOSITORY / "params.yaml")
    params["datasets"]["mini"]["tables"]["backbones"]["cnn"] = "tiny_transformer"
    experiments = Experiments(REPOSITORY / "params.yaml")
    experiments.params = params
    with pytest.raises(InputError, match="tables.backbones.cnn: 'tiny_transformer' is no cnn"):
        experiments.parameters("mini")


# --- the file


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('baseline: "CNN: CAM" }', 'baseline: "CNN: CAN" }', "did you mean 'CNN: CAM'"),
        ("paper: { miou: 67.2 }", "papr: { miou: 67.2 }", "table5.rows.0"),
        ("tables:\n  table1:", "tables: [\n  table1:", "not YAML"),
        ('run: "cnn mapping=mil', 'run: "cn mapping=mil', "table8.rows.1.run"),
        ('label: "CNN: MIL"', 'label: "CNN: CAM"', "two rows have one label"),
        ("of: [fnr, *cnn_cam]", "of: [fn, *cnn_cam]", "claims.0.larger.0.of"),
    ],
)
def test_mistake_in_the_file_is_named(tmp_path, old, new, message):
    text = TABLES.read_text()
    assert old in text
    (tmp_path / "tables.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_tables(tmp_path / "tables.yaml")
    assert message in str(error.value)


# --- the programs


def stage(name: str, *arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, f"stages/{name}.py", "--dataset", "mini", *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
    )


def test_programs_write_table_page_and_claims(tmp_path, runs):
    paths = []
    for row in range(6):
        for seed in (0, 1):
            path = tmp_path / f"{row}_{seed}.json"
            path.write_text(json.dumps(seed_metrics(40 + row + seed, fpr=20 - row, fnr=40.0)[0]))
            paths.append(f"{row}/{seed}={path}")
    out = tmp_path / "tables" / "table1.md"
    options = ["--tables", TABLES, "--trainings", 12, "--out", out, "--table", "table1"]
    done = stage("make_table", *options, "--metrics", *paths)
    assert done.returncode == 0, done.stderr
    with out.with_suffix(".csv").open() as file:
        rows = {(row["row"], row["metric"]): row for row in csv.DictReader(file)}
    assert len(rows) == 18 and rows["CNN: USAGE", "miou"]["ours"] == "42.5"
    assert rows["CNN: USAGE", "fpr"]["direction"] == "agrees"  # 18 below 20, the paper's 20.4 below 22.6
    assert out.with_suffix(".png").read_bytes()[:4] == b"\x89PNG"

    compared = out.with_name("table2.md")
    ours = [f"11/seed/{path}" for path in (paths[0].partition("/")[2], paths[1].partition("/")[2])]
    done = stage("compare_methods", "--tables", TABLES, "--table", "table2", "--out", compared, "--metrics", *ours)
    assert done.returncode == 0, done.stderr
    assert "| USAGE | 67.7 | 40.5 ± 0.7 | 72.8 |  |" in compared.read_text()
    assert "| SIPE (CVPR22) | 58.6 |  | – |  |" in compared.read_text()
    assert "seeds on the 12 images of train of mini; 2 random seeds" in compared.read_text()
    assert compared.with_suffix(".png").read_bytes()[:4] == b"\x89PNG"
    with compared.with_suffix(".csv").open() as file:
        usage = [row for row in csv.DictReader(file) if row["method"] == "USAGE"]
    assert [(row["miou_of"], row["ours"], row["paper"]) for row in usage] == [
        ("seed", "40.5", "67.7"),
        ("mask", "", "72.8"),
    ]

    page, csvs = tmp_path / "tables" / "tables.md", [table.with_suffix(".csv") for table in (out, compared)]
    options = ["--seed-tables", csvs[0], "--method-tables", csvs[1], "--trainings", 12, "--out", page]
    done = stage("collect_tables", *options)
    text = page.read_text()
    assert done.returncode == 0 and "6 rows of ours in 1 tables of seeds, made of 12 trainings" in text
    assert 0 < text.index("## Table 1:") < text.index("## Table 2:")

    numbers = range(len(runs.file.runs_of_claims()))
    values = [f"{run}/{path.partition('/')[2]}" for run in numbers for path in paths[:2]]
    done = stage("judge_claims", "--tables", TABLES, "--out", tmp_path / "claims.md", "--metrics", *values)
    assert done.returncode == 0, done.stderr
    judged = json.loads((tmp_path / "claims.json").read_text())["claims"]
    assert len(judged) == len(yaml.safe_load(TABLES.read_text())["claims"])
    verdicts = [one["verdict"] for one in judged]
    assert verdicts[:3] == ["holds", "does not hold", "undecided"]  # FNR 40 against FPR 20; equal mIoU
