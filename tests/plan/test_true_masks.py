"""Data sets without true masks: what can be asked for, and what says at once that it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from paths import REPOSITORY
from small import write_dataset

from wsss.errors import InputError
from wsss.paper.table_runs import TableRuns
from wsss.plan import Job, Plan
from wsss.plan.needed import needed_products
from wsss.plan.true_masks import check_true_masks
from wsss.workflow import Experiments

NONE = {"train": "train", "evaluate": None, "val": None, "test": None}
NEED_THEM = (
    Job("evaluate_seed", "own"),
    Job("evaluate_mask", "own"),
    Job("evaluate_val", "own"),
    Job("summarize_val", "own"),
    Job("plot_thresholds", "own"),
    Job("plot_classes", "own"),
    Job("plot_confusion", "own"),
    Job("plot_seeds", "own", name="figure1"),
    Job("extract_features", "own"),
    Job("train_segmentation", "own", "segmentation.supervision=ground_truth"),
)
DO_NOT = (
    *(Job(stage, "own") for stage in ("train_seed", "extract_seed", "label_affinity", "make_mask", "inspect_masks")),
    *(Job(stage, "own") for stage in ("train_segmentation", "plot_overview", "plot_training", "write_provenance")),
    Job("predict", "own", split="train"),
)


@pytest.fixture
def plan(tmp_path, monkeypatch):
    """A function that plans for a data set `own`, of photos and labels, with these steps and keys."""
    for folder in ("workflow", "stages"):
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    monkeypatch.chdir(tmp_path)

    def new(steps: dict, **keys) -> Plan:
        params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
        data = {"layout": "labels", "root": "photos", "labels": "labels.csv", "splits": NONE | steps, **keys}
        params["datasets"]["own"] = params["datasets"]["mini"] | {"data": data, "compare": {}}
        Path("params.yaml").write_text(yaml.safe_dump(params))
        experiments = Experiments("params.yaml")
        return Plan(experiments, TableRuns(experiments, REPOSITORY / "workflow/tables.yaml"))

    return new


@pytest.mark.parametrize("job", NEED_THEM, ids=lambda job: job.stage)
@pytest.mark.parametrize("steps", [{}, {"val": "val"}], ids=["no val", "val"])
def test_what_needs_true_masks_says_so_with_the_key_and_what_to_look_at(plan, job, steps):
    with pytest.raises(
        InputError, match=r"needs true masks, and datasets.own.data.(masks|splits.\w+) is null"
    ) as error:
        check_true_masks(plan(steps), job)
    assert "results/own/main/mask_quality.json" in str(error.value)


@pytest.mark.parametrize("job", DO_NOT, ids=lambda job: job.stage)
def test_what_needs_none_is_given_none(plan, job):
    now = plan({})
    check_true_masks(now, job)
    behind = {now.maker(path).stage for path in now.behind([now.product(job)])}
    assert not behind & {"evaluate_seed", "evaluate_mask", "evaluate_val", "summarize_val"}


def test_the_whole_way_ends_in_masks_and_predictions(plan):
    quality = Path("results/own/main/mask_quality.json")
    for steps, predicted in (({}, "train"), ({"val": "val"}, "val"), ({"test": "unlabelled"}, "test")):
        assert plan(steps).results("own") == [Path(f"results/own/main/predictions/{predicted}"), quality]
    assert [path.stem for path in plan({}).figures("own")] == ["overview", "training"]
    assert quality in needed_products(plan({}), "own")


def test_the_whole_way_ends_in_numbers_where_there_are_masks(plan):
    masks = {"masks": "masks", "classes": ["cat"]}
    both = plan({"evaluate": "train", "val": "val"}, **masks)
    assert both.results("own") == [Path("results/own_val_miou.json")] and len(both.figures("own")) == 5
    val = plan({"val": "val"}, **masks)
    assert val.results("own") == [Path("results/own_val_miou.json"), Path("results/own/main/mask_quality.json")]
    assert list(val.options(Job("summarize_val", "own"))["metrics"]) == ["main/val"]
    assert list(val.options(Job("plot_classes", "own"))["metrics"]) == ["val"]
    assert "overview" in [path.stem for path in val.figures("own")] and len(val.figures("own")) == 4


def test_prepared_data_without_any_mask_say_so(plan):
    now = plan({"evaluate": "train"}, masks="masks", classes=["cat"])
    check_true_masks(now, Job("evaluate_mask", "own"))
    for path in (write_dataset(Path("data/own")).root / "masks").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="no image of 'train' has one"):
        check_true_masks(now, Job("evaluate_mask", "own"))


def test_a_table_of_labels_beside_the_photos_is_an_input_of_its_own(plan):
    now = plan({}, labels="../labels.csv", lists={"train": "train.txt", "val": "/lists/val.txt"})
    assert dict(now._own_files(Job("prepare_data", "own"))) == {
        "root": Path("photos"),
        "labels": Path("labels.csv"),
        "lists_val": Path("/lists/val.txt"),
    }
