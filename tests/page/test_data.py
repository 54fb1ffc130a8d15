"""What the page's data say, against the files of metrics that they were made of."""

import json
import re

import pandas as pd
import pytest
from PIL import Image

from wsss.files import read_json
from wsss.page.experiment import Experiment
from wsss.page.numbers import scope, table

pytestmark = pytest.mark.slow


def taken(path):
    """Return the data that a script hands to the page."""
    name, value = re.fullmatch(r"PAGE\.take\((\".*?\"),(.*)\);\n", path.read_text(), re.DOTALL).groups()
    return json.loads(name), json.loads(value)


@pytest.fixture(scope="module")
def summary(result):
    return taken(result.page / "summary.js")[1]


@pytest.fixture(scope="module")
def val_rows(result):
    return taken(result.page / "rows/val.js")[1]


def test_rates_of_classes_are_those_of_the_metrics(result, summary):
    for step, number, file in (("seed", "1", "cam/seed_metrics"), ("val", "0", "main/val_metrics")):
        per_class = read_json(result.results / f"{file}.json")["per_class"]
        assert list(per_class) == summary["classes"]
        assert summary["rates"][step][number] == [
            [rates[key] for key in ("iou", "fpr", "fnr")] for rates in per_class.values()
        ]


def test_experiments_stand_in_their_order_with_what_they_have(summary):
    assert summary["experiments"] == ["USAGE", "CAM", "without CRF"]
    assert {step: list(of) for step, of in summary["rates"].items()} == {
        "seed": ["0", "1"],
        "mask": ["0"],
        "val": ["0", "2"],
    }
    assert list(summary["confusions"]) == ["mask", "val"]


def test_an_image_s_iou_is_the_mean_of_its_rows(result, summary, val_rows):
    table = pd.read_csv(result.results / "main/val_metrics.csv")
    means = table.assign(iou=100 * table["intersection"] / table["union"]).groupby("image")["iou"].mean()
    shown = {name: row[0] for name, row in zip(val_rows["ids"], val_rows["steps"]["val"]["0"], strict=True)}
    assert shown == pytest.approx(means.to_dict(), abs=0.006)
    assert list(shown.values()) == sorted(shown.values())  # the worst first


def test_what_went_wrong_adds_up_to_all_wrong_pixels(result, val_rows):
    table = pd.read_csv(result.results / "main/val_metrics.csv")
    for name, row in zip(val_rows["ids"], val_rows["steps"]["val"]["0"], strict=True):
        own = table[table["image"] == name]
        pixels = (own["intersection"] + own["false_negatives"]).sum()
        assert sum(row[1:4]) == pytest.approx(100 * own["false_negatives"].sum() / pixels, abs=0.02)
        assert row[4] == max(range(3), key=lambda kind: row[1 + kind])


def test_every_image_has_a_tile_in_every_layer_and_a_pack(result, summary):
    for name, group in summary["groups"].items():
        sheets = -(-group["count"] // summary["tiles"]["perSheet"])
        packs = -(-group["count"] // summary["perPack"])
        for layer in ("photo", "truth", *group["layers"]):
            for sheet in range(sheets):
                with Image.open(result.page / f"tiles/{name}-{sheet}-{layer}.webp") as image:
                    assert image.width == summary["tiles"]["perRow"] * summary["tiles"]["side"]
        images = [image for pack in range(packs) for image in taken(result.page / f"packs/{name}-{pack}.js")[1]]
        assert len(images) == group["count"]
        assert all({"truth", *group["layers"]} == set(image["layers"]) for image in images)


def test_a_tile_shows_its_own_image(result, summary, val_rows):
    side, place = summary["tiles"]["side"], 13
    photo = Image.fromarray(result.dataset.image(val_rows["ids"][place])).resize((8, 8))
    with Image.open(result.page / "tiles/val-0-photo.webp") as sheet:
        left, top = side * (place % 10), side * (place // 10)
        tile = sheet.convert("RGB").crop((left, top, left + side, top + side)).resize((8, 8))
    difference = [
        abs(a - b)
        for one, two in zip(photo.getdata(), tile.getdata(), strict=True)
        for a, b in zip(one, two, strict=True)
    ]
    assert sum(difference) / len(difference) < 8


def test_the_first_view_has_the_numbers_and_what_they_are_over(result):
    page = (result.page / "index.html").read_text()
    for file in ("main/seed_metrics", "main/mask_metrics", "main/val_metrics", "cam/seed_metrics", "crf/val_metrics"):
        assert f"{read_json(result.results / f'{file}.json')['miou']:.1f}" in page
    assert "24 images of val, mean over 7 classes" in page and "104 images of train" in page
    assert "paper 67.7 (17.8 · 14.7)" in page and page.count("data-place=") == 12


def test_numbers_over_labelled_images_alone_stand_beside_those_over_all():
    """On COCO, some papers leave out the 367 images of val that are of no class, and others do not."""
    rates = {"miou": 40.0, "fpr": 30.0, "fnr": 30.0, "per_class": {"cat": {"iou": 40.0}}}
    metrics = {**rates, "split": "val", "images": 40504, "labelled_only": {**rates, "miou": 41.2, "images": 40137}}
    rows = table([Experiment("USAGE", "main", metrics={"val": metrics})], {})
    assert scope(rows)[1].startswith("Over the 40,137 of them that are of a class, as others report, mIoU is 41.2 %")


def test_how_it_was_made_says_parameters_first_and_records(result):
    page = (result.page / "index.html").read_text()
    assert page.index("seed.epochs") < page.index("1:02 h") < page.index('class="graph"')
    assert "no record" in page and "900" in page and page.count("<path d=") == 2


def test_without_true_masks_there_are_no_numbers_and_doubt_comes_first(untold):
    page, (_, rows) = (untold.page / "index.html").read_text(), taken(untold.page / "rows/made.js")
    (_, summary) = taken(untold.page / "summary.js")
    worst = read_json(untold.results / "mask_quality.json")["worst_first"]
    assert "mIoU" not in page and "no true masks" in page and 'href="#classes"' not in page
    assert summary["rates"] == {} and rows["steps"] == {}
    assert rows["ids"] == [row["id"] for row in worst]
    assert rows["doubt"][0][1] == pytest.approx(worst[0]["void"], abs=0.01)
    assert not list(untold.page.glob("tiles/*truth*"))
