"""What `make bench` runs of the project's own programs, at a tiny size."""

import sys

import pytest
from small import write_dataset
from voc_folder import make_voc_folder

from benchmarks import frozen_heads, memory, page, segmenting, voc_subset
from benchmarks.first_view import browser_program
from wsss.files import read_mask


@pytest.mark.slow
def test_peak_memory_is_taken_of_five_stages(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "FEW", 2)
    monkeypatch.setattr(memory, "MANY", 3)
    comparisons = memory.run(tmp_path)
    stages = ("extract_seed", "evaluate_seed", "label_affinity", "make_mask", "evaluate_mask")
    assert [one.record()["work"] for one in comparisons] == [f"peak memory of {stage}" for stage in stages]
    assert all(one.record()["ours"] > 50 for one in comparisons)


@pytest.mark.slow
def test_a_folder_is_segmented_beside_a_plain_loop_that_makes_the_same_masks(tmp_path, monkeypatch):
    monkeypatch.setattr(segmenting, "PHOTOS", 3)
    monkeypatch.setattr(segmenting, "FEW", 1)
    speed, peak = segmenting.run(tmp_path)
    assert 0 < speed.ours < 60 and speed.unit == "s/photo" and peak.ours > 50
    for mask in sorted((tmp_path / "segmented/masks").iterdir()):
        assert (read_mask(mask) == read_mask(tmp_path / "plain" / mask.name)).mean() > 0.999


@pytest.mark.slow
def test_the_page_of_many_images_is_made_beside_plain_overlays_and_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "FEW", 2)
    monkeypatch.setattr(page, "MANY", 4)
    made, size, *opened = page.run(tmp_path)
    assert made.unit == "s/image" and size.unit == "kB/image" and size.ours > 1
    assert len(list((tmp_path / "page4/plain").iterdir())) == 3 * 4
    assert [one.against for one in opened] == ["2 images"] * (browser_program() is not None)


def test_a_subset_lists_the_same_photos_whatever_their_order_and_links_to_all(tmp_path, monkeypatch):
    make_voc_folder(tmp_path / "photos")
    listed = voc_subset.listed(tmp_path / "photos", "train")
    chosen = voc_subset.some(listed, 4)
    assert len(chosen) == 4 < len(listed) and chosen == sorted(chosen)
    assert voc_subset.some(reversed(listed), 4) == chosen
    options = ["--photos", str(tmp_path / "photos"), "--out", str(tmp_path / "some"), "--train", "4"]
    monkeypatch.setattr(sys, "argv", ["voc_subset", *options])
    voc_subset.main()
    assert voc_subset.listed(tmp_path / "some", "train") == chosen
    assert len(voc_subset.listed(tmp_path / "some", "val")) == 3  # all
    assert all((tmp_path / "some/JPEGImages" / f"{name}.jpg").exists() for name in chosen)


@pytest.mark.slow
def test_heads_on_frozen_features_have_a_row_for_each_mapping(tmp_path, monkeypatch, capsys):
    write_dataset(tmp_path / "data")
    options = ["--dataset", "mini", "--data", str(tmp_path / "data"), "--images", "4", "--epochs", "40", "--side", "64"]
    monkeypatch.setattr(sys, "argv", ["frozen_heads", *options, "--random-seeds", "2", "--rate", "0.1"])
    frozen_heads.main()
    rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines()[3:]]
    assert [row[0] for row in rows] == ["cam", "mil", *(f"cm, tau1 {value:g}" for value in frozen_heads.TEMPERATURES)]
    shares = {row[0]: float(row[-1].split()[0]) for row in rows}
    assert shares["cam"] == 100  # every position weighs the same
    assert shares["cm, tau1 0.5"] < shares["cm, tau1 5"] <= 100
    assert all(float(row[1].split()[0]) > 0 for row in rows)
