"""The graph: what Snakemake and DVC make, in which order, and what a changed parameter makes them do again."""

import json
import re
import shutil

import pytest
from project import Project, small_params

from wsss.files import read_mask

pytestmark = pytest.mark.slow

MAIN = "results/mini/main"
AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")
IDENTITY = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
IDENTITY |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org"}
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


def test_the_report_opens_with_the_result(project):
    done = project.snakemake("--report", "report.html", "results/mini_val_miou.json")
    assert done.returncode == 0, done.stdout
    miou = json.loads((project.root / "results/mini_val_miou.json").read_text())["miou"]
    opening = (project.root / "report.html").read_text().split("Weakly supervised semantic segmentation")[0]
    assert f"mini: mIoU {miou:.2f} on the 6 images of val." in opening


def test_on_a_terminal_a_run_says_a_line_a_stage(project):
    done = project.snakemake("-R", "evaluate_val", "--", "results/mini_val_miou.json", WSSS_LINES="1")
    said = re.findall(r"^\[(\d) of 2\] (\w+) (\S+): \d+ s, mIoU \d+\.\d\d$", done.stdout, re.MULTILINE)
    assert said == [("1", "evaluate_val", f"{MAIN}/val_metrics.json"), ("2", "val_miou", "results/mini_val_miou.json")]
    assert "jobid" not in done.stdout and "Select jobs" not in done.stdout


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


def jobs(output: str) -> set[str]:
    """Return the rules that a run has started, in whichever process."""
    return set(re.findall(r"^(?:local)?rule (\w+):", output, re.MULTILINE))


def as_they_were(project) -> set[str]:
    """Return the logs of stages that ended at once, finding their products made of the same."""
    return {path.stem for path in (project.root / "logs").rglob("*.log") if "as it was" in path.read_text()}


def test_a_clone_pulls_all_and_neither_engine_has_anything_to_do(project, tmp_path):
    """With the clone's `data/` and without."""
    assert project.run("dvc", "remote", "add", "-d", "store", str(tmp_path / "store")).returncode == 0
    for command in (("git", "add", "-A"), ("git", *AUTHOR, "commit", "-qm", "made"), ("dvc", "push")):
        done = project.run(*command)
        assert done.returncode == 0, done.stdout
    clone = Project.__new__(Project)
    clone.root = tmp_path / "clone"
    assert project.run("git", "clone", "-q", str(project.root), str(clone.root)).returncode == 0
    done = clone.run("dvc", "pull")
    assert done.returncode == 0, done.stdout
    for _ in range(2):
        assert "Nothing to be done" in clone.snakemake("-n", "results/mini_val_miou.json").stdout
        assert "up to date" in clone.run("dvc", "status").stdout
        assert "didn't change, skipping" in clone.run("dvc", "repro").stdout
        assert "Nothing to be done" in clone.snakemake("-n", "results/mini_val_miou.json").stdout
        assert clone.snakemake("data/mini").returncode == 0
    metrics = clone.run("dvc", "metrics", "show", "--json").stdout
    assert json.loads(metrics)[""]["data"]["results/mini/main/val_metrics.json"]["data"]["images"] == 6
    # an experiment with a parameter of its own trains neither of the networks that it does not reach
    changes = ("+mask.beta=4", "+mask.background=power", "mask.background_alpha=1")
    done = clone.run("dvc", "exp", "run", *(word for one in changes for word in ("-S", one)), **IDENTITY)
    assert done.returncode == 0, done.stdout
    trainings = {"train_seed", "train_affinity"}
    assert not (jobs(done.stdout) & trainings) - as_they_were(clone), done.stdout
    refused = clone.run("dvc", "exp", "run", "-S", "seed.backbone=resnet38", **IDENTITY)
    assert refused.returncode != 0 and "datasets.mini.seed.backbone says" in refused.stdout
    shown = clone.run("dvc", "exp", "show", "--csv", "--only-changed").stdout
    assert "mask.beta" in shown and "results/mini/main/mask_metrics.json" in shown


def test_data_made_anew_alike_trains_nothing(project):
    shutil.rmtree(project.root / "data/mini")
    (project.root / "data/mini.run.json").unlink()
    done = project.snakemake("-R", "prepare_data", "--", "results/mini_val_miou.json")
    assert done.returncode == 0, done.stdout
    assert "train_seed" in jobs(done.stdout)  # planned, as nobody knew how the data would come out
    assert as_they_were(project) >= {"train_seed", "extract_seed", "train_affinity", "make_mask", "train_segmentation"}
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout


def test_a_formatted_rule_and_a_comment_rerun_nothing(project):
    rules = project.root / "workflow/rules/stage.smk"
    original = rules.read_text()
    rules.write_text(original.replace("python {params", "python   {params").replace("threads: ", "threads:  "))
    assert rules.read_text() != original
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout
    rules.write_text(original)


def test_editing_beta_reruns_the_mask_and_what_follows_in_both_and_taking_it_back_gives_the_same(project):
    before = (project.root / MAIN / "seed_network/network.safetensors").stat().st_mtime_ns
    metrics = (project.root / "results/mini_val_miou.json").read_bytes()
    params = small_params()
    # together they change a mask even of an untrained network
    params["mask"].update(background="power", beta=4, background_alpha=1)
    project.write_params(params)
    expected = AFTER_MASK | {"resolve_params"}
    assert planned(project.snakemake("-n", "results/mini_val_miou.json").stdout) == expected

    done = project.run("dvc", "repro")
    assert done.returncode == 0, done.stdout
    assert jobs(done.stdout) >= expected and not jobs(done.stdout) & {"train_seed", "extract_seed", "train_affinity"}
    assert (project.root / MAIN / "seed_network/network.safetensors").stat().st_mtime_ns == before
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout
    assert (project.root / "results/mini_val_miou.json").read_bytes() != metrics

    project.write_params(small_params())
    done = project.run("dvc", "repro")
    assert done.returncode == 0 and not jobs(done.stdout) & {"train_seed", "extract_seed", "train_affinity"}
    assert as_they_were(project) >= {"make_mask", "train_segmentation", "predict_val"}  # kept from before
    assert (project.root / "results/mini_val_miou.json").read_bytes() == metrics
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout
    assert "up to date" in project.run("dvc", "status").stdout


def test_seeds_that_were_deleted_are_not_missed(project):
    shutil.rmtree(project.root / MAIN / "seeds")
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout
    assert project.snakemake(f"{MAIN}/seeds").returncode == 0  # they come back, as they are kept


def test_older_code_is_named_by_run_and_summary_until_it_is_accepted(project):
    record = project.root / MAIN / "seed_network.run.json"
    text, code = record.read_text(), json.loads(record.read_text())["code"]["program"]
    record.write_text(text.replace(code, "0" * 32))
    done = project.snakemake("results/mini_val_miou.json", "results/mini/provenance.md")
    named = f"{MAIN}/seed_network: made by older code (train_seed)"
    assert named in done.stdout and "train_seed" not in jobs(done.stdout), done.stdout
    summary = project.root / "results/mini_val_miou.json"
    assert json.loads(summary.read_text())["made_by_older_code"] == [f"{MAIN}/seed_network (train_seed)"]
    page = project.root / "results/mini/provenance.md"
    assert f"{MAIN}/seed_network (train_seed): made by older code" in page.read_text()

    assert project.run("python", "workflow/scripts/accept_code.py").returncode == 0
    assert "up to date" in project.run("dvc", "status").stdout
    done = project.snakemake("results/mini_val_miou.json", "results/mini/provenance.md")
    assert done.returncode == 0 and "older code" not in done.stdout
    assert "made_by_older_code" not in json.loads(summary.read_text())
    assert f"other code, accepted: {MAIN}/seed_network (program) by " in page.read_text()


def test_a_network_made_again_is_no_longer_named(project):
    record = project.root / MAIN / "affinity_network.run.json"
    code = json.loads(record.read_text())["code"]["program"]
    record.write_text(record.read_text().replace(code, "0" * 32))
    assert "made by older code" in project.snakemake("results/mini_val_miou.json").stdout
    done = project.snakemake("-R", "train_affinity", "--", "results/mini_val_miou.json")
    assert done.returncode == 0 and "made by older code" not in done.stdout
    assert "made_by_older_code" not in json.loads((project.root / "results/mini_val_miou.json").read_text())
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout


def test_what_nothing_needs_is_listed_and_pruned_and_main_stays(project):
    made = [
        f"results/mini/mask.beta=2/{name}" for name in ("mask_metrics.json", "mask_quality.json")
    ]  # a table, a page beside
    assert project.snakemake("--", *made).returncode == 0
    listed = project.run("python", "workflow/scripts/space.py")
    assert listed.returncode == 0 and "results/mini/mask.beta=2" in listed.stdout, listed.stdout
    pruned = project.run("python", "workflow/scripts/space.py", "--prune")
    assert pruned.returncode == 0, pruned.stdout
    assert not (project.root / "results/mini/mask.beta=2").exists()
    assert "All of it is needed" in project.run("python", "workflow/scripts/space.py").stdout
    assert "Nothing to be done" in project.snakemake("-n", "results/mini_val_miou.json").stdout
    assert "up to date" in project.run("dvc", "status").stdout


def test_a_program_refuses_parameters_that_were_edited_after_the_plan(project):
    options = ["--dataset", "mini", "--data", "data/mini", "--seeds", f"{MAIN}/seeds", "--planned", "0" * 32]
    done = project.run("python", "stages/label_affinity.py", *options, "--out", "results/other")
    assert done.returncode == 1 and "params.yaml has changed since this run was planned" in done.stdout


@pytest.mark.parametrize("order", ["1", "2", "5", "6"])  # of sets: which of a job's inputs Snakemake looks at first
def test_products_of_one_new_folder_are_planned_together(project, order):
    shutil.rmtree(project.root / MAIN / "export", ignore_errors=True)
    targets = [f"{MAIN}/export/{what}" for what in ("seeds", "crf", "masks", "labels")]
    plan = project.snakemake("-n", *targets, PYTHONHASHSEED=order)
    assert plan.returncode == 0, plan.stdout
    assert planned(plan.stdout) == {"export_seeds", "export_crf", "export_masks", "export_labels"}


def test_a_test_submission_is_made(project):
    done = project.snakemake("results/mini_test_submission.tar.gz")
    assert done.returncode == 0, done.stdout
    assert (project.root / "results/mini_test_submission.tar.gz").stat().st_size > 0


def test_a_network_is_a_folder_of_its_own_and_segments_photos_that_params_yaml_names(project, tmp_path):
    shutil.copytree(project.root / "data/mini/images", tmp_path / "photos")
    (tmp_path / "photos/broken.jpg").write_bytes(b"no photo")
    project.write_params(small_params() | {"files": {"holiday": str(tmp_path / "photos")}})
    targets = (f"{MAIN}/segmented/holiday", f"{MAIN}/seed_model")
    done = project.snakemake(*targets)
    assert done.returncode == 0, done.stdout
    miou = json.loads((project.root / f"{MAIN}/val_metrics.json").read_text())["miou"]
    assert f"| predictions | 6 images of val | {miou:.2f} |" in (project.root / f"{MAIN}/model/README.md").read_text()
    for predicted in (project.root / f"{MAIN}/predictions/val").glob("*.png"):
        segmented = read_mask(project.root / f"{MAIN}/segmented/holiday/masks/{predicted.name}")
        assert (segmented == read_mask(predicted)).mean() > 0.999
    assert "broken.jpg: does not decode" in (project.root / f"{MAIN}/segmented/holiday/photos.csv").read_text()
    assert "Nothing to be done" in project.snakemake("-n", *targets).stdout
    (tmp_path / "photos/broken.jpg").unlink()
    assert planned(project.snakemake("-n", *targets).stdout) == {"segment"}
    project.write_params(small_params())
