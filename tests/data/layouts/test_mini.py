"""The drawn data set in the prepared form."""

from __future__ import annotations

import numpy as np
import pytest

from wsss.data.layouts.mini import prepare_mini
from wsss.data.mini.scene import CLASSES, draw_scene
from wsss.data.prepared import PreparedDataset
from wsss.files import whole_directory


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "mini"
    with whole_directory(root) as part:
        prepare_mini(part, random_seed=3, counts={"train": 8, "val": 4}, size=48)
    return PreparedDataset(root)


def test_mini_files_are_the_scenes_drawn(mini):
    image, mask = draw_scene(3, "val", 2, size=48)
    assert np.array_equal(mini.image("val_00002"), image)
    assert np.array_equal(mini.mask("val_00002"), mask)


def test_mini_labels_say_which_classes_the_mask_holds(mini):
    ids = mini.split("train") + mini.split("val")
    expected = [[number in mini.mask(name) for number in range(1, len(CLASSES) + 1)] for name in ids]
    assert np.array_equal(mini.labels(ids), expected)


def test_mini_has_its_name_classes_splits_and_masks(mini):
    assert (mini.name, mini.classes, mini.split_names) == ("mini", CLASSES, ("train", "val"))
    assert len(mini.split("train")) == 8 and mini.has_masks("train") and mini.has_labels("val")


def test_mini_is_the_same_from_several_processes(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr("wsss.parallel._ALONE", 0.0)
    for name, processes in (("one", 1), ("several", 2)):
        (tmp_path / name).mkdir()
        prepare_mini(tmp_path / name, random_seed=0, counts={"train": 3, "val": 2}, size=24, threads=processes)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        made.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})
    assert len(made[0]) == 2 * 5 + 4
    assert made[0] == made[1]
