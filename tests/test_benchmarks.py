"""What `make bench` runs of the project's own programs, at a tiny size."""

import pytest

from benchmarks import memory, segmenting
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
