"""What Snakemake's report begins with."""

import base64
import json
import re

import docutils.core
import pytest
from PIL import Image

from wsss.page.report_opening import report_opening

RESULT = {
    "miou": 65.318,
    "images": 240,
    "split": "val",
    "per_class": {"background": 90.04, "cat": 33.3, "dog": None},
    "experiments": {
        "USAGE": {step: {"miou": 60 + at, "fpr": 10.04, "fnr": 20} for at, step in enumerate(("seed", "mask", "val"))},
        "CAM": {"variant": "mapping=cam", "seed": {"miou": 40.1, "fpr": 31.4, "fnr": 28.6}},
    },
}


@pytest.fixture
def result(tmp_path):
    path = tmp_path / "results/toy_val_miou.json"
    path.parent.mkdir()
    path.write_text(json.dumps(RESULT))
    return path


def html(path) -> str:
    parts = docutils.core.publish_parts(
        report_opening(str(path)), writer="html", settings_overrides={"halt_level": 2, "report_level": 2}
    )
    return parts["html_body"]


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"</?(tt|span|code)\b[^>]*>", "", page)))


def test_the_result_the_classes_and_the_experiments_are_told(result):
    text = text_of(html(result))
    assert "toy: mIoU 65.32 on the 240 images of val." in text
    assert "Best is background with an IoU of 90.0, worst cat with 33.3." in text
    assert "experiment seeds masks val USAGE 60.00 (10.0, 20.0) 61.00 (10.0, 20.0) 62.00 (10.0, 20.0) CAM 40.10" in text
    assert "<img" not in html(result)


def test_the_picture_of_all_steps_is_in_it_however_large(result):
    picture = result.parent / "toy/figures/overview.png"
    picture.parent.mkdir(parents=True)
    Image.effect_noise((3000, 1500), 80).save(picture)
    shown = re.search(r'src="data:image/jpeg;base64,([^"]+)"', html(result)).group(1)
    data = base64.b64decode(shown)
    assert data[:2] == b"\xff\xd8" and len(data) > 50_000


def test_it_leads_to_the_page_where_there_is_one(result):
    assert "snakemake --cores 8 results/toy/page: every image" in text_of(html(result))
    page = result.parent / "toy/page/index.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert 'href="toy/page/index.html"' in html(result)


@pytest.mark.parametrize("name", ["toy_val_miou.json", "provenance.md"])
def test_of_what_is_not_there_or_no_result_nothing_is_told(tmp_path, name):
    assert report_opening(str(tmp_path / name)) == ""
