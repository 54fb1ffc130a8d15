"""What is run for the paper's tables and figures."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from paths import REPOSITORY

from wsss.config import read_params
from wsss.errors import InputError
from wsss.paper.table_runs import TableRuns
from wsss.workflow import Experiments

TABLES = REPOSITORY / "workflow/tables.yaml"


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


def test_both_readings_of_eq_9_are_claims(runs):
    runs_of = {Path(path).parent.name for path in runs.claim_metrics("mini").values()}
    assert {"main", "agreement=distilled"} <= runs_of
    assert {"backbone=tiny_cnn", "agreement=distilled,backbone=tiny_cnn"} <= runs_of


def test_figures_need_no_training_that_no_table_has(runs):
    metrics = [runs.table_metrics(table, "mini") for table in runs.tables]
    metrics += [runs.comparison_metrics(table, "mini") for table in runs.comparisons]
    trained = {path.rpartition("/")[0] for paths in metrics for path in paths.values()}
    assert set(runs.figures) == {"figure1", "figure2", "figure5", "figure6", "figure7"}
    for figure in runs.figures:
        folders = {path.partition("/predictions")[0] for path in runs.figure_folders(figure, "mini").values()}
        assert {folder.removesuffix("/seeds").removesuffix("/features") for folder in folders} <= trained
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


def mctformer_row(runs: TableRuns, table: str) -> int:
    [number] = [n for n, row in enumerate(runs.file.comparison(table).rows) if row.method == "MCTformer (CVPR22)"]
    return number


@pytest.mark.parametrize(
    ("table", "column", "metrics"),
    [("table2", "seed", "seed"), ("table2", "mask", "mask"), ("table3", "val", "val"), ("table4", "val", "val")],
)
def test_methods_are_compared_with_version_2_of_mctformer(runs, table, column, metrics):
    found = runs.comparison_metrics(table, "mini")[f"{mctformer_row(runs, table)}/{column}/0"]
    assert found == f"results/mini/mapping=mct_v2,regularization=none/{metrics}_metrics.json"


def test_mappings_are_compared_with_version_1_of_mctformer(runs):
    assert runs.table_metrics("table8", "mini")["6/0"].startswith("results/mini/mapping=mct,regularization=none/")
    assert runs.figure_folders("figure7", "mini")["6"].startswith("results/mini/mapping=mct,regularization=none/")


@pytest.mark.parametrize("figure", ["figure5", "figure6"])
def test_figures_of_methods_show_version_2_of_mctformer(runs, figure):
    assert runs.figure_folders(figure, "mini")["0"].startswith("results/mini/mapping=mct_v2,regularization=none/")
    assert runs.file.figure(figure).columns[0].label == "MCTformer-V2"


def with_mini_tables(tables: dict) -> TableRuns:
    experiments = Experiments(REPOSITORY / "params.yaml")
    experiments.params = copy.deepcopy(experiments.params)
    experiments.params["datasets"]["mini"]["tables"] |= tables
    return TableRuns(experiments, TABLES)


def test_a_methods_run_keeps_the_segmentation_network_and_every_random_seed():
    segmentation = {"resnet38": "segmentation.epochs=9,mapping=cam", "resnet101": None}
    runs = with_mini_tables({"segmentation": segmentation, "random_seeds": [3]})
    path = runs.comparison_metrics("table3", "mini")[f"{mctformer_row(runs, 'table3')}/val/3"]
    named = {"mapping=mct_v2", "regularization=none", "segmentation.epochs=9"}
    named |= {"random_seed=3", "affinity.random_seed=3", "segmentation.random_seed=3"}
    assert set(path.split("/")[2].split(",")) == named


def test_a_method_whose_kind_of_network_is_absent_has_no_run():
    runs = with_mini_tables({"backbones": {"transformer": None, "cnn": "tiny_cnn"}})
    rows = {label.split("/")[0] for label in runs.comparison_metrics("table3", "mini")}
    assert rows == {str(len(runs.file.comparison("table3").rows) - 1)}  # USAGE's alone
