"""Other methods' folders in the plan: what is not asked for, what their content and place do, what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from paths import REPOSITORY
from pretended import made, newer

from wsss.errors import InputError
from wsss.paper.table_runs import TableRuns
from wsss.plan import Job, Plan
from wsss.plan.needed import needed_products
from wsss.product.record import record_path
from wsss.workflow import Experiments

SEEDS, MASKS = "extract.from=other", "mask.from=other"
OF_SEED_NETWORK = {"train_seed", "evaluate_labels", "extract_features"}
BEFORE_MASKS = {"train_seed", "extract_seed", "evaluate_seed", "label_affinity", "train_affinity"}


class Wildcards(SimpleNamespace):
    def items(self):
        return vars(self).items()


@pytest.fixture
def project(plan, tmp_path):
    """A function that plans anew with the folder `other` at a place, and with what main reads."""
    shutil.copytree(REPOSITORY / "workflow", tmp_path / "copied")
    Path("workflow").unlink()
    Path("copied").rename("workflow")
    for place in ("the_first_place", "the_second_place"):
        Path(place).mkdir()
        Path(place, "a.npy").write_text("seed")

    def new(folder: object = "the_first_place", main: dict | None = None, dataset: str = "mini") -> Plan:
        params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
        params["foreign"] = {"other": folder}
        for block, name in (main or {}).items():
            params["datasets"][dataset].setdefault(block, {})["from"] = name
        Path("params.yaml").write_text(yaml.safe_dump(params))
        experiments = Experiments("params.yaml")
        return Plan(experiments, TableRuns(experiments, "workflow/tables.yaml"))

    return new


def stages_behind(plan: Plan, *products: Path) -> set[str]:
    return {plan.maker(path).stage for path in plan.behind(products)}


def test_no_seed_network_is_asked_for_on_the_way_to_any_number(project):
    plan = project()
    for stage in ("evaluate_seed", "evaluate_mask", "inspect_masks", "evaluate_val", "export_crf"):
        behind = stages_behind(plan, plan.product(Job(stage, "mini", SEEDS)))
        assert "extract_seed" in behind and not behind & OF_SEED_NETWORK, stage
        assert "train_seed" in stages_behind(plan, plan.product(Job(stage, "mini", "tau1=2")))
    for stage in ("evaluate_mask", "inspect_masks", "evaluate_val", "export_masks"):
        behind = stages_behind(plan, plan.product(Job(stage, "mini", MASKS)))
        assert "make_mask" in behind and not behind & (BEFORE_MASKS | OF_SEED_NETWORK), stage


@pytest.mark.parametrize("block", ["extract", "mask"])
def test_a_data_set_whose_main_reads_them_ends_in_the_same_results_and_figures_without_a_seed_network(project, block):
    plan = project(main={block: "other"})
    plan.experiments.parameters("mini").compare.seed_experiments.clear()
    products = [*plan.results("mini"), *plan.figures("mini")]
    assert plan.results("mini") == [Path("results/mini_val_miou.json")]
    behind = stages_behind(plan, *products)
    assert not behind & (OF_SEED_NETWORK if block == "extract" else OF_SEED_NETWORK | BEFORE_MASKS)
    figures = {path.stem for path in plan.figures("mini")}
    assert figures == {"overview", "training", "val_confusion", "classes"} | (
        {"thresholds"} if block == "extract" else set()
    )
    assert "seed network" not in plan.options(Job("plot_training", "mini"))["networks"]
    assert "main" in plan.experiments.shown("seeds", "mini")  # not called USAGE
    assert needed_products(plan, "mini")


def test_the_content_of_the_folder_counts_and_not_its_place(project):
    for variant, stage in ((SEEDS, "extract_seed"), (MASKS, "make_mask")):
        job = Job(stage, "mini", variant)
        Path("the_second_place/a.npy").write_text("seed")
        made(project(), Job("prepare_data", "mini"))
        product = made(project(), job)
        assert newer(product, project().settle(job))
        told = Path("workflow/own_folders/foreign/other.json")
        content = json.loads(told.read_text())
        assert newer(product, project("the_second_place").settle(job)) and json.loads(told.read_text()) == content
        Path("the_second_place/a.npy").write_text("another seed")
        assert not newer(product, project("the_second_place").settle(job)) and json.loads(told.read_text()) != content
        assert "the_first_place" not in record_path(product).read_text()


def test_another_numbering_plans_anew(project):
    job = Job("extract_seed", "mini", SEEDS)
    made(project(), Job("prepare_data", "mini"))
    product = made(project(), job)
    assert newer(product, project({"folder": "the_first_place"}).settle(job))
    assert not newer(product, project({"folder": "the_first_place", "numbering": "class_from_one"}).settle(job))


def test_what_dvc_is_told_of_a_folder_goes_with_its_entry(project):
    project().settle(Job("extract_seed", "mini", SEEDS))
    params = yaml.safe_load(Path("params.yaml").read_text()) | {"foreign": {}}
    Path("params.yaml").write_text(yaml.safe_dump(params))
    experiments = Experiments("params.yaml")
    assert Path("workflow/own_folders/foreign/other.json").exists()
    Plan(experiments, TableRuns(experiments, "workflow/tables.yaml")).settle(Job("prepare_data", "mini"))
    assert not Path("workflow/own_folders/foreign/other.json").exists()


@pytest.mark.parametrize("folder", ["nowhere", "the_first_place/a.npy"])
def test_a_folder_that_is_not_there_is_refused_before_anything_runs(project, folder):
    for variant, stage in ((SEEDS, "extract_seed"), (MASKS, "make_mask")):
        with pytest.raises(InputError, match=f"^foreign.other: there is no folder {folder}; name the folder that"):
            project(folder).inputs(stage, Wildcards(dataset="mini", variant=variant))
    inputs = project().inputs("extract_seed", Wildcards(dataset="mini", variant=SEEDS))
    assert inputs["foreign"] == ["the_first_place"] and "network" not in inputs


def test_an_unset_variable_is_named(project, monkeypatch):
    monkeypatch.delenv("NO_SUCH", raising=False)
    with pytest.raises(InputError, match=r"foreign\.other is '\$NO_SUCH': set the environment variable"):
        project("$NO_SUCH").inputs("extract_seed", Wildcards(dataset="mini", variant=SEEDS))


def test_a_table_counts_only_the_seed_networks_that_are_ours(project):
    metrics = {"0/0": "results/mini/main/seed_metrics.json", "1/0": f"results/mini/{SEEDS}/seed_metrics.json"}
    assert project().tables.trainings(metrics) == 1


def test_one_crf_is_not_exported_as_two(project):
    with pytest.raises(InputError, match="affinity_labels.labels is 'confidence', which has one CRF"):
        project().inputs("export_crf", Wildcards(dataset="mini", variant="recipe=clip_es"))
    project().inputs("export_crf", Wildcards(dataset="mini", variant="main"))
