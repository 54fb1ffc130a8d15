"""Lines of the calibration on `mini`, at a tiny size, and the page of what is done so far."""

import json

import pytest
from project import Project, small_params

pytestmark = pytest.mark.slow
LINES = ("usage_transformer_cam", "usage_transformer")


def test_lines_are_there_as_soon_as_they_are_done_and_the_page_shows_them(tmp_path):
    project = Project(tmp_path, small_params())
    done = project.snakemake(*(f"results/mini/calibration/{line}.json" for line in LINES))
    assert done.returncode == 0, done.stdout
    folder = tmp_path / "results/mini"
    cam, usage = (json.loads((folder / f"calibration/{line}.json").read_text()) for line in LINES)
    metrics = json.loads((folder / "mapping=cam,regularization=none/seed_metrics.json").read_text())
    assert cam["ours"] == metrics["miou"] and cam["published"] is None and cam["hours"] > 0
    assert usage["ours"] == json.loads((folder / "main/seed_metrics.json").read_text())["miou"]
    program = ("python", "stages/calibration_page.py", "--dataset", "mini", "--tables", "workflow/tables.yaml")
    lines = [str(path.relative_to(tmp_path)) for path in sorted((folder / "calibration").glob("*.json"))]
    done = project.run(*program, "--lines", *lines, "--out", "so_far.md")
    assert done.returncode == 0, done.stdout
    page = (tmp_path / "so_far.md").read_text()
    assert "2 of " in page and "Nothing is published of these lines on mini" in page
    assert f"| {cam['ours']:.1f} | seeds of 12 images, train |" in page
    planned = project.snakemake("-n", "results/mini/calibration.md").stdout
    assert "rule calibration_page:" in planned and f"calibration/{LINES[0]}.json\n    log" not in planned
