"""Experiments of DVC's: what they borrow, and that what they set has an effect."""

import copy
import subprocess
from pathlib import Path

import pytest
import yaml
from paths import REPOSITORY

from wsss.errors import InputError
from wsss.plan.dvc_experiment import borrow_from_checkout, check_experiment, refuse_without_effect

BEFORE = yaml.safe_load((REPOSITORY / "params.yaml").read_text())


def edited(**values):
    """Return params.yaml's content with {"mask.beta": 4} set, say."""
    params = copy.deepcopy(BEFORE)
    for key, value in values.items():
        *above, last = key.split(".")
        tree = params
        for name in above:
            tree = tree[name]
        tree[last] = value
    return params


@pytest.mark.parametrize(
    ("key", "value", "instead"),
    [
        ("seed.backbone", "resnet38", "datasets.mini.seed.backbone says tiny_transformer; set that"),
        ("kinds.cnn.seed.tau1", 3, "nothing that it runs reads this"),
        ("datasets.photos.seed.backbone", "resnet38", "datasets.mini.seed.backbone says"),
    ],
)
def test_what_another_layer_decides_is_refused_with_its_name(key, value, instead):
    with pytest.raises(InputError, match=f"{key}={value} has no effect on mini: {instead}"):
        refuse_without_effect(edited(**{key: value}), BEFORE)


@pytest.mark.parametrize(
    "values",
    [
        {"mask.beta": 4},
        {"datasets.mini.seed.backbone": "tiny_cnn"},
        {"kinds.transformer.seed.tau1": 3},
        {"datasets.mini.seed.backbone": "tiny_cnn", "kinds.cnn.seed.tau1": 3},
        {"dataset": "photos"},
    ],
    ids=str,
)
def test_what_has_an_effect_passes(values):
    refuse_without_effect(edited(**values), BEFORE)


def test_only_an_experiment_is_checked_against_its_baseline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    Path("params.yaml").write_text(yaml.safe_dump(BEFORE))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "made")):
        subprocess.run([*git, *command], check=True)
    Path("params.yaml").write_text(yaml.safe_dump(edited(**{"seed.backbone": "resnet38"})))
    check_experiment(Path("params.yaml"))
    monkeypatch.setenv("DVC_EXP_BASELINE_REV", "HEAD")
    with pytest.raises(InputError, match="no effect"):
        check_experiment(Path("params.yaml"))


def test_a_queued_experiment_borrows_data_and_archives_and_a_checkout_borrows_nothing(tmp_path):
    for folder in ("data/voc", "archives/unpacked"):
        (tmp_path / folder).mkdir(parents=True)
    queued = tmp_path / ".dvc/tmp/exps/tmpx"
    queued.mkdir(parents=True)
    borrow_from_checkout(queued)
    borrow_from_checkout(queued)
    assert (queued / "data/voc").resolve() == tmp_path / "data/voc"
    assert (queued / "archives/unpacked").is_dir()
    borrow_from_checkout(tmp_path)
    assert not (tmp_path / "data/voc").is_symlink()
