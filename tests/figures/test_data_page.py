"""The page that shows what is in a data set."""

import pytest

from wsss.data.inspect import (
    inspect_split,
)
from wsss.data.layouts.mini import prepare_mini
from wsss.data.prepared import PreparedDataset
from wsss.figures.data_page import data_page


@pytest.fixture
def mini(tmp_path):
    out = tmp_path / "mini"
    out.mkdir()
    prepare_mini(out, 0, {"train": 14, "val": 3, "test": 2}, 64)
    return PreparedDataset(out)


def test_the_page_shows_classes_samples_and_oddities(mini):
    reports = {split: inspect_split(mini, split) for split in ("train", "test")}
    page = data_page(mini, "mini <1>", reports, "train", 1.1, 5)
    assert page.count("<figure>") == 5 and page.count("data:image/jpeg;base64,") == 10
    assert (
        "mini &lt;1&gt;" in page and "shorter side below 100 pixels" in page and "like masks on foreign photos" in page
    )
    assert all(name in page for name in mini.classes)


def test_without_true_masks_nothing_is_said_of_them(mini):
    with_masks = data_page(mini, "mini", {"train": inspect_split(mini, "train")}, "train", None, 5)
    assert "of the pixels" in with_masks and "Too few masks" in with_masks
    for path in (mini.root / "masks").iterdir():
        path.unlink()
    bare = PreparedDataset(mini.root)
    page = data_page(bare, "mini", {"train": inspect_split(bare, "train")}, "train", None, 5)
    assert "of the pixels" not in page and "Too few masks" not in page


def test_the_page_of_a_split_without_labels_and_masks_shows_its_photos(mini):
    for name in mini.split("test"):
        (mini.root / f"masks/{name}.png").unlink()
    lines = (mini.root / "labels.csv").read_text().splitlines()
    (mini.root / "labels.csv").write_text("\n".join(line for line in lines if not line.startswith("test_")))
    data = PreparedDataset(mini.root)
    page = data_page(data, "mini", {"test": inspect_split(data, "test")}, "test", None, 5)
    assert page.count("<figure>") == 2 and page.count("no label") == 2
