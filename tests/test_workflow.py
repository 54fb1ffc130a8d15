"""What the rules ask of an experiment: which products it shows, and which it waits for."""

import yaml
from paths import REPOSITORY

from wsss.workflow import Experiments


def _experiments(tmp_path, **seed):
    params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    params["seed"].update(seed)
    compare = {
        "seed_experiments": {"CAM": "mapping=cam,regularization=none"},
        "val_experiments": {"true": "segmentation.supervision=ground_truth"},
    }
    params["datasets"]["mini"]["compare"] = compare
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    return Experiments(tmp_path / "params.yaml")


def test_figures_show_main_after_other_seeds_and_before_other_predictions(tmp_path):
    experiments = _experiments(tmp_path, mapping="cm", regularization="aa")
    assert list(experiments.shown("seeds", "mini").items()) == [
        ("CAM", "mapping=cam,regularization=none"),
        ("USAGE", "main"),
    ]
    assert list(experiments.shown("val", "mini")) == ["USAGE", "true"]


def test_main_is_not_labelled_usage_when_its_parameters_are_others(tmp_path):
    experiments = _experiments(tmp_path, mapping="mil", regularization="none")
    assert list(experiments.shown("val", "mini")) == ["main", "true"]
