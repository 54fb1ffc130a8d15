"""What `make bench` runs of the project's own programs, at a tiny size."""

import pytest

from benchmarks import memory


@pytest.mark.slow
def test_peak_memory_is_taken_of_five_stages(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "FEW", 2)
    monkeypatch.setattr(memory, "MANY", 3)
    comparisons = memory.run(tmp_path)
    stages = ("extract_seed", "evaluate_seed", "label_affinity", "make_mask", "evaluate_mask")
    assert [one.record()["work"] for one in comparisons] == [f"peak memory of {stage}" for stage in stages]
    assert all(one.record()["ours"] > 50 for one in comparisons)
