"""The plan: what stages are given, and what the records beside products say against times."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from paths import REPOSITORY
from pretended import MAIN, Wildcards, all_made, made, newer

from wsss.config.stages import OVER_IMAGES
from wsss.errors import InputError
from wsss.paper.table_runs import TableRuns
from wsss.parts import part_path
from wsss.plan import ROWS, Job, Plan, job_of
from wsss.product.kept import versions
from wsss.product.making import finish, wanted_record
from wsss.product.record import read_record
from wsss.workflow import Experiments


def test_what_was_made_of_the_same_stays_whatever_its_times_say(plan):
    product = all_made(plan())
    os.utime(product, (5, 5))
    for path in Path("results/mini/main/seeds").iterdir():
        os.utime(path)
    again = plan()
    assert newer(product, again.settle(MAIN))
    assert (product / ".snakemake_timestamp").stat().st_mtime >= Path("results/mini/main/seeds").stat().st_mtime


@pytest.mark.parametrize("change", [{"mask": {"beta": 4}}, {"affinity": {"radius": 3}}])
def test_another_parameter_plans_anew(plan, change):
    product = all_made(plan())
    assert not newer(product, plan(**change).settle(MAIN))


@pytest.mark.parametrize("block", ["predict", "seed", "segmentation"])
def test_a_parameter_that_the_stage_does_not_read_itself_does_not(plan, block):
    product = all_made(plan())
    change = {"predict": {"scales": [1.0]}, "seed": {"random_seed": 3}, "segmentation": {"random_seed": 3}}[block]
    assert newer(product, plan(**{block: change}).settle(MAIN))


def test_another_content_of_an_input_plans_anew_and_its_own_change_too(plan):
    product = all_made(plan())
    Path("results/mini/main/seeds/file").write_text("other")
    assert not newer(product, plan().settle(MAIN))
    Path("results/mini/main/seeds/file").write_text("extract_seed")
    assert newer(product, plan().settle(MAIN))
    (product / "file").write_text("drawn over")
    assert not newer(product, plan().settle(MAIN))


def test_data_that_is_not_here_counts_as_its_record_says(plan):
    product = all_made(plan())
    Path("data/mini/file").unlink()
    Path("data/mini").rmdir()
    assert newer(product, plan().settle(MAIN))


@pytest.mark.parametrize("change", [{"extract": {"flip": False}}, {"seed": {"random_seed": 3}}])
def test_what_was_deleted_counts_no_longer_where_it_would_come_out_another(plan, change):
    """Neither where it would itself, nor where something before it would, of which nothing is left, either."""
    product = all_made(plan())
    for folder in ("seeds", "seed_network"):
        shutil.rmtree(f"results/mini/main/{folder}")
    assert newer(product, plan().settle(MAIN))
    assert not newer(product, plan(**change).settle(MAIN))


def test_what_was_fetched_gets_its_second_name(plan):
    product = all_made(plan())
    (kept,) = versions(product)
    (kept / "file").unlink()
    Path(f"{kept}.run.json").unlink()
    plan().settle(MAIN)
    assert (kept / "file").read_text() == "made"


def test_costly_products_of_other_code_stay_and_are_named(plan):
    product = all_made(plan())
    record = read_record(product)
    path = Path(f"{product}.run.json")
    path.write_text(path.read_text().replace(record.code["program"], "0" * 32))
    again = plan()
    assert newer(product, again.settle(MAIN))
    assert again.older(again.seen()) == {product: ["make_mask"]}
    assert again.options(Job("summarize_val", "mini"))["older_code"] == f"{product} (make_mask)"


def test_the_walk_is_given_the_seeds_metrics_where_their_best_threshold_is_its_background(plan):
    """They know nothing of the mask's parameters. With another background it has no use for them."""
    job = Job("make_mask", "mini", "mask.background=best,tau1=2")
    assert plan().options(job)["seed_metrics"] == Path("results/mini/tau1=2/seed_metrics.json")
    for background in ("power", "constant", "irn", "auto"):
        assert "seed_metrics" not in plan().options(Job("make_mask", "mini", f"mask.background={background}"))


def test_every_stage_is_found_by_what_it_makes():
    for stage, row in ROWS.items():
        others = {"photos": "y", "experiments": "a=1+b=2", "ids": "a+b"}
        path = Path(row.makes.format(dataset="d", variant="a=1", split="test", name="x", **others))
        found = job_of(path)
        assert found is not None and (found.stage == stage or ROWS[found.stage].makes == row.makes), stage
    assert job_of(Path("results/mini/main/what")) is None


def test_rules_write_what_the_table_says():
    text = "".join(path.read_text() for path in sorted((REPOSITORY / "workflow/rules").glob("*.smk")))
    rules = sorted(re.split(r"^(?=use rule |rule )", text, flags=re.MULTILINE), key=lambda rule: "/.parts/" in rule)
    for stage, row in ROWS.items():
        rule, *of_parts = [one for one in rules if f'PLAN.asks("{stage}")' in one]
        written = [row.makes.replace("{name}", name) for name in ("{table}", "{figure}", "{line}")]
        assert any(f'"{one}"' in rule for one in written), stage
        parts = [part_path(Path(row.makes), "{part}")] if stage in OVER_IMAGES else []
        assert all(f'"{path}"' in one for one, path in zip(of_parts, parts, strict=True)), stage


def test_a_segmentation_network_waits_for_the_seed_network_that_it_starts_from(plan):
    variant = "segmentation.weights=seed_network,segmentation.supervision=ground_truth,backbone=tiny_cnn,tau1=7"
    network = Path("results/mini/backbone=tiny_cnn,tau1=7/seed_network")
    now = plan()
    wildcards = Wildcards(dataset="mini", variant=variant)
    assert now.inputs("train_segmentation", wildcards)["weights"] == [str(network)]
    words = now.command(f"results/mini/{variant}/segmentation_network", threads=2)
    assert words[words.index("--weights") + 1] == str(network) and "--masks" not in words
    assert "tau1=7" in str(
        now.made("train_segmentation", Job("predict", "mini", variant))
    )  # though true masks supervise
    assert "weights" not in now.options(Job("train_segmentation", "mini"))


@pytest.mark.parametrize(
    ("dataset", "variant", "start"),
    [
        ("voc", "main", "backbone=resnet38,mapping=cam,regularization=none"),
        ("voc", "tau1=7", "backbone=resnet38,mapping=cam,regularization=none"),
        ("mini", "segmentation.weights=backbone=tiny_cnn+mapping=cam", "backbone=tiny_cnn,mapping=cam"),
        ("mini", "backbone=tiny_cnn,tau1=7,segmentation.weights=seed_network", "backbone=tiny_cnn,tau1=7"),
    ],
)
def test_a_segmentation_network_can_start_from_any_experiments_seed_network(plan, dataset, variant, start):
    options = plan().options(Job("train_segmentation", dataset, variant))
    assert options["weights"] == Path(f"results/{dataset}/{start}/seed_network")


def test_another_seed_network_to_start_from_plans_anew_and_another_name_for_it_does_not(plan):
    def planned(overrides: str) -> Plan:
        params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
        params["datasets"]["mini"]["segmentation"]["weights"] = overrides
        Path("params.yaml").write_text(yaml.safe_dump(params))
        experiments = Experiments("params.yaml")
        return Plan(experiments, TableRuns(experiments, REPOSITORY / "workflow/tables.yaml"))

    job, start = Job("train_segmentation", "mini"), "backbone=tiny_cnn+mapping=cam"
    for other in ("prepare_data", "train_seed", "extract_seed", "label_affinity", "train_affinity", "make_mask"):
        made(planned(start), Job(other, "mini"), other)
    for variant in ("backbone=tiny_cnn,mapping=cam", "backbone=tiny_cnn"):
        made(planned(start), Job("train_seed", "mini", variant), "the same network")
    product = made(planned(start), job)
    assert newer(product, planned(start).settle(job))
    assert newer(product, planned("backbone=tiny_cnn").settle(job))
    (Path("results/mini/backbone=tiny_cnn,mapping=cam/seed_network") / "file").write_text("another one")
    assert not newer(product, planned(start).settle(job))


def test_a_folder_of_ones_own_counts_by_content_wherever_it_lies(plan, monkeypatch, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "list.txt").write_text("a\n")
    monkeypatch.setenv("WSSS_PHOTOS", str(tmp_path / "one"))
    job = Job("prepare_data", "photos")
    product = made(plan(), job)
    assert newer(product, plan().settle(job))
    told = Path("workflow/own_folders/photos.json")
    try:
        content = told.read_text()
        monkeypatch.setenv("WSSS_PHOTOS", str(tmp_path / "two"))
        assert newer(product, plan().settle(job)) and told.read_text() == content
        (tmp_path / "two/list.txt").write_text("b\n")
        assert not newer(product, plan().settle(job)) and told.read_text() != content
    finally:
        told.unlink()


@pytest.mark.parametrize("broken", ["", "{}", '{"stage": "make_mask", "parameters": {}}'])
def test_a_broken_record_or_an_older_version_s_plans_anew_and_none_leaves_it_to_times(plan, broken):
    product = all_made(plan())
    Path(f"{product}.run.json").write_text(broken)
    assert not newer(product, plan().settle(MAIN))
    Path(f"{product}.run.json").unlink()
    planned = plan().settle(MAIN)
    before = planned.stat().st_mtime_ns
    assert plan().settle(MAIN).stat().st_mtime_ns == before


def test_a_misspelt_split_is_refused_by_the_plan_and_the_data_stay(plan, monkeypatch):
    data = made(plan(), Job("prepare_data", "mini"))
    (data / "splits").mkdir()
    for name in ("train", "val"):
        (data / f"splits/{name}.txt").touch()
    finish(
        data,
        wanted_record("prepare_data", {"parameters": plan().experiments.parameters("mini")}),
        Path("stages/prepare_data.py"),
        1,
    )
    params = yaml.safe_load(Path("params.yaml").read_text())
    params["datasets"]["mini"]["data"]["splits"]["evaluate"] = "trainn"
    Path("params.yaml").write_text(yaml.safe_dump(params))
    with pytest.raises(InputError, match="splits.evaluate.*'trainn', only train, val; did you mean"):
        plan().inputs("evaluate_seed", Wildcards(dataset="mini", variant="main"))
    assert newer(data, plan().settle(Job("prepare_data", "mini")))


def test_the_page_of_records_waits_for_the_numbers_alone(plan):
    inputs = plan().inputs("write_provenance", Wildcards(dataset="mini"))
    assert all(path.endswith("_metrics.json") for path in inputs["results"]) and set(inputs) == {"results", "planned"}
    words = plan().command("results/mini/provenance.md", threads=1)
    assert "results/mini/main/seed_network; " in words[words.index("--products") + 1]


def test_the_command_of_a_stage_on_gpus_says_how_many(plan):
    network, labels = "results/mini/main/seed_network", "results/mini/main/affinity_labels"
    assert plan().command(network, 2, 4)[-4:] == ["--threads", "2", "--gpus", "4"]
    assert "--gpus" not in plan().command(labels, 2, 4)
