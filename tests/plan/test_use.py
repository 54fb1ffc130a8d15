"""What the plan gives the stages that make trained networks usable."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from paths import REPOSITORY

from wsss.errors import InputError
from wsss.paper.table_runs import TableRuns
from wsss.plan import Job, Plan
from wsss.workflow import Experiments

MAIN = Path("results/mini/main")


def test_the_card_has_what_is_measured_of_this_experiment(plan):
    options = plan().options(Job("export_model", "mini"))
    assert options["metrics"] == {"val": MAIN / "val_metrics.json", "masks": MAIN / "mask_metrics.json"}
    assert "mask_quality" not in options
    variant = "segmentation.supervision=ground_truth"
    options = plan().options(Job("export_model", "mini", variant))
    assert options["metrics"] == {"val": Path(f"results/mini/{variant}/val_metrics.json")}
    options = plan().options(Job("export_seed_model", "mini"))
    assert options["metrics"] == {"seeds": MAIN / "seed_metrics.json"}


def test_without_true_masks_the_card_has_what_is_known_without_them(plan):
    now = plan()
    params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    splits = {"train": "train", "evaluate": None, "val": "val", "test": None}
    data = {"layout": "labels", "root": "photos", "draw": {"val": 0.1}, "random_seed": 0, "splits": splits}
    params["datasets"]["own"] = params["datasets"]["mini"] | {"data": data | {"labels": "labels.csv"}, "compare": {}}
    Path("params.yaml").write_text(yaml.safe_dump(params))
    experiments = Experiments("params.yaml")
    now = Plan(experiments, TableRuns(experiments, REPOSITORY / "workflow/tables.yaml"))
    options = now.options(Job("export_model", "own"))
    assert "metrics" not in options and options["mask_quality"] == Path("results/own/main/mask_quality.json")
    options = now.options(Job("export_seed_model", "own"))
    assert "metrics" not in options and options["label_metrics"] == Path("results/own/main/label_metrics.json")


def test_photos_are_named_in_params_yaml(plan, tmp_path, monkeypatch):
    job = Job("segment", "mini", photos="holiday")
    with pytest.raises(InputError, match="no 'holiday' under files in params.yaml; write there where the photos are"):
        plan().inputs("segment", Wildcards(photos="holiday"))
    monkeypatch.setenv("PHOTOS", str(tmp_path / "beach"))
    now = plan(files={"holiday": "$PHOTOS"})
    with pytest.raises(InputError, match=r"files\.holiday: there is no .*beach; name a folder of photos"):
        now.inputs("segment", Wildcards(photos="holiday"))
    with pytest.raises(InputError, match="no 'holidy' under files in params.yaml; did you mean 'holiday'"):
        now.inputs("segment", Wildcards(photos="holidy"))
    (tmp_path / "beach").mkdir()
    inputs = now.inputs("segment", Wildcards(photos="holiday"))
    assert inputs["photos"] == [str(tmp_path / "beach")] and inputs["model"] == [str(MAIN / "model")]
    product = now.product(job)
    assert product == MAIN / "segmented/holiday" and now.maker(product) == Job("segment", "mini", photos="holiday")
    words = now.command(str(product), 3)
    assert (
        words[0] == "stages/segment.py" and words[-4:] == ["--threads", "3", "--gpus", "0"] and "--dataset" not in words
    )


class Wildcards(dict):
    def __init__(self, photos: str):
        super().__init__(dataset="mini", variant="main", photos=photos)
