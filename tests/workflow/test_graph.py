"""The graph: what Snakemake and DVC make, in which order, and what a changed parameter makes them do again."""

import json
import re

import pytest
import yaml
from paths import REPOSITORY
from project import Project, small_params

pytestmark = pytest.mark.slow

MAIN = "results/mini/main"
AFTER_MASK = {"make_mask", "evaluate_mask", "train_segmentation", "predict", "evaluate_val", "val_miou"}


def planned(output: str) -> set[str]:
    """Return the rules that a dry run lists."""
    return set(re.findall(r"^rule (\w+):", output, re.MULTILINE))


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"), small_params())
    assert project.run("git", "init", "-q").returncode == 0
    done = project.snakemake("results/mini_val_miou.json")
    assert done.returncode == 0, done.stdout
    return project


def test_the_whole_way_gives_a_val_miou(project):
    summary = json.loads((project.root / "results/mini_val_miou.json").read_text())
    assert 0 <= summary["miou"] <= 100
    assert summary["images"] == 6 and summary["split"] == "val"
    assert set(summary["per_class"]) == {"background", "star", "target", "cross", "flower", "checker", "triangle"}


def test_a_second_run_has_nothing_to_do(project):
    assert "Nothing to be done" in project.snakemake("results/mini_val_miou.json").stdout


def test_dvc_is_up_to_date_after_a_snakemake_run(project):
    status = project.run("dvc", "status")
    assert "up to date" in status.stdout, status.stdout


def test_logs_start_with_the_command(project):
    first = (project.root / "logs/mini/main/train_seed.log").read_text().splitlines()[0]
    assert first.startswith("python stages/train_seed.py --dataset mini --variant main")


def test_a_variant_of_the_mask_takes_the_seeds_of_main(project):
    plan = project.snakemake("-n", "results/mini/mask.beta=4/val_metrics.json")
    assert planned(plan.stdout) == AFTER_MASK - {"evaluate_mask", "val_miou"}, plan.stdout


def test_a_variant_that_equals_main_trains_nothing(project):
    plan = project.snakemake("-n", "results/mini/tau1=1/seed_metrics.json")
    assert planned(plan.stdout) == {"evaluate_seed"}, plan.stdout


def test_a_misspelt_variant_is_refused_with_the_nearest_name(project):
    plan = project.snakemake("-n", "results/mini/mask.bata=4/val_metrics.json")
    assert plan.returncode != 0
    assert "did you mean 'beta'" in plan.stdout


def test_editing_beta_reruns_the_mask_and_what_follows_in_both(project):
    before = (project.root / MAIN / "seed_network/network.safetensors").stat().st_mtime_ns
    params = small_params()
    params["mask"].update(beta=4, background_alpha=1)  # together they change a mask even of an untrained network
    project.write_params(params)
    expected = AFTER_MASK | {"resolve_params"}
    assert planned(project.snakemake("-n", "results/mini_val_miou.json").stdout) == expected

    done = project.run("dvc", "repro")
    assert done.returncode == 0, done.stdout
    assert set(re.findall(r"Running stage '(\w+)'", done.stdout)) == expected
    assert (project.root / MAIN / "seed_network/network.safetensors").stat().st_mtime_ns == before
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout


def test_rules_and_dvc_stages_are_one_graph(project):
    """Every DVC stage is a rule, and makes and needs what the rule does."""
    stages = yaml.safe_load((REPOSITORY / "dvc.yaml").read_text())["stages"]
    rules = set(project.snakemake("--list-rules").stdout.split())
    assert set(stages) <= rules
    made_by = {}
    for name, stage in stages.items():
        for entry in [*stage.get("outs", []), *stage.get("metrics", [])]:
            made_by[next(iter(entry)) if isinstance(entry, dict) else entry] = name
    dvc_edges = {
        (made_by[dep], name) for name, stage in stages.items() for dep in stage.get("deps", []) if dep in made_by
    }

    graph = project.snakemake("--rulegraph", "--forceall", "--", "results/mini_val_miou.json").stdout
    names = dict(re.findall(r'(\d+)\[label = "([^"]+)"', graph))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", graph)}
    assert edges - {("resolve_params", "val_miou")} == dvc_edges


def test_a_test_submission_is_made(project):
    done = project.snakemake("results/mini_test_submission.tar.gz")
    assert done.returncode == 0, done.stdout
    assert (project.root / "results/mini_test_submission.tar.gz").stat().st_size > 0
