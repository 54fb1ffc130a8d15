"""The page in a browser, opened from disk: what is shown is what the metrics say, and nothing is missing."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image

from wsss.files import read_json

pytestmark = pytest.mark.slow
VIEWS = ("#overview", "#classes", "#images", "#image", "#image-layers", "#training", "#origin")
WIDTHS = (400, 1400)


class Opened:
    """A tab that remembers what went wrong in it."""

    def __init__(self, browser, folder, **options):
        self.tab = browser.new_page(**options)
        self.url, self.faults = (folder / "index.html").as_uri(), []
        self.tab.on("console", lambda message: self.faults.append(message.text))
        self.tab.on("pageerror", lambda error: self.faults.append(str(error)))
        self.tab.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url}"))
        self.tab.on("request", self._only_files)

    def _only_files(self, request):
        if not request.url.startswith(("file:", "data:")):
            self.faults.append(f"asks for {request.url}")

    def go(self, address):
        self.tab.goto("about:blank")
        self.tab.goto(self.url + address)
        self.tab.wait_for_selector("body[data-shown]")
        self.tab.wait_for_load_state("networkidle")
        return self.tab

    def settled(self, address):
        """Wait until the view of an address is there."""
        self.tab.wait_for_function("address => document.body.dataset.shown === address", arg=address)


@pytest.fixture
def opened(browser, result):
    page = Opened(browser, result.page, viewport={"width": 1400, "height": 900})
    yield page
    page.tab.close()
    assert page.faults == []


def address_of(view, result):
    """Return the address of a view; that of one image names the worst of the training images."""
    name = result.dataset.split("train")[3]
    return {"#image": f"#image/made/{name}", "#image-layers": f"#image/made/{name}?mode=layers"}.get(view, view)


def cards(tab):
    """Return (id, IoU) of the images that the grid shows, in order."""
    lines = tab.locator("#grid .line").all_inner_texts()
    return [(name, float(iou)) for name, iou in (line.split() for line in lines)]


def val_means(result, folder):
    table = pd.read_csv(result.results / folder / "val_metrics.csv")
    return table.groupby("image")["iou"].mean()


def test_every_view_is_whole_at_both_widths_and_in_the_dark(browser, result):
    for width in WIDTHS:
        page = Opened(browser, result.page, viewport={"width": width, "height": 900}, color_scheme="dark")
        for view in VIEWS:
            tab = page.go(address_of(view, result))
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, (view, width)
            picture = np.asarray(Image.open(io.BytesIO(tab.screenshot())).convert("L"), float)
            assert picture.std() > 5, (view, width)
        page.tab.close()
        assert page.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_fault(browser, result, scheme):
    page = Opened(browser, result.page, viewport={"width": 1400, "height": 900}, color_scheme=scheme)
    for view in VIEWS:
        found = Axe().run(page.go(address_of(view, result))).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == [], view
    page.tab.close()


def test_classes_are_sorted_by_what_the_metrics_say(opened, result):
    tab = opened.go("#classes?step=val")
    rates = read_json(result.results / "crf/val_metrics.json")["per_class"]
    for rate, key in (("FPR", "fpr"), ("IoU", "iou")):
        button = tab.locator(f'[data-column="{rate}/2"]')
        for falling in (False, True):
            button.click()
            shown = tab.locator("#class-rates tbody a").all_inner_texts()
            assert shown == sorted(rates, key=lambda name: rates[name][key], reverse=falling)
    assert tab.locator("th[aria-sort=descending]").inner_text().startswith("IoU")


def test_a_class_leads_to_its_images_worst_first(opened, result):
    tab = opened.go("#classes?step=val")
    name = result.dataset.classes[2]
    tab.locator("#class-rates tbody a", has_text=name).click()
    opened.settled("#images?step=val&of=0&class=3")
    table = pd.read_csv(result.results / "main/val_metrics.csv")
    own = table[table["class"] == name].sort_values(["iou", "image"])
    assert cards(tab) == [(row.image, pytest.approx(row.iou, abs=0.06)) for row in own.itertuples()]


def test_filters_give_what_the_metrics_say(opened, result):
    tab = opened.go("#images?step=val")
    means = val_means(result, "main")
    assert dict(cards(tab)) == pytest.approx(means.to_dict(), abs=0.06)
    tab.select_option("select[name=wrong]", label="wrong class")
    table = pd.read_csv(result.results / "main/val_metrics.csv")
    expected = set()
    for name, own in table.groupby("image"):
        background = own[own["class"] == "background"].iloc[0]
        missed, much = background["false_positives"], background["false_negatives"]
        if own["false_negatives"].sum() - missed - much > max(missed, much):
            expected.add(name)
    tab.wait_for_function("count => document.querySelectorAll('#grid li').length === count", arg=len(expected))
    assert {name for name, _ in cards(tab)} == expected and expected
    assert "wrong=2" in tab.url


def test_two_experiments_are_compared_image_by_image(opened, result):
    tab = opened.go("#images?step=val&of=0&than=2")
    gains = (val_means(result, "main") - val_means(result, "crf")).sort_values()
    assert [name for name, _ in cards(tab)][:3] == list(gains.index[:3])
    assert tab.locator("#grid .why").first.inner_text().startswith(f"−{-gains.iloc[0]:.1f}")


def test_only_what_is_on_the_screen_is_in_the_list(opened):
    opened.tab.set_viewport_size({"width": 400, "height": 500})
    tab = opened.go("#images?step=mask")
    first = tab.locator("#grid li").count()
    assert first < 40 and "104 of 104" in tab.locator("#count").inner_text()
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    tab.wait_for_selector('#grid li[aria-posinset="104"]')
    assert tab.locator('#grid li[aria-posinset="1"]').count() == 0 and tab.locator("#grid li").count() < 40


def test_arrow_keys_walk_through_the_list_that_was_left(opened):
    tab = opened.go("#images?step=val&order=best")
    names = [name for name, _ in cards(tab)]
    tab.locator("#grid a").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Enter")
    for key, place in ((None, 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("ArrowLeft", 0), ("ArrowLeft", 0)):
        if key:
            tab.keyboard.press(key)
        opened.settled(f"#image/val/{names[place]}")
        assert tab.locator("#title-image").inner_text() == names[place]
        assert tab.locator("#where").inner_text() == f"{place + 1} of 24"
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#view-images:not([hidden])")
    assert tab.locator("select[name=order]").input_value() == "best"


def test_one_image_shows_all_that_there_is_and_its_address_can_be_sent(opened, result):
    name = result.dataset.split("train")[0]
    labels = [result.dataset.classes[number - 1] for number in result.dataset.classes_of(name)]
    tab = opened.go(f"#image/made/{name}")
    captions = tab.locator("#side figcaption").all_inner_texts()
    seeds = [f"seed of {label}, {experiment}" for experiment in ("USAGE", "CAM") for label in labels]
    assert {*seeds, "photo", "truth", "mask, USAGE", "confident labels, USAGE", "seed at the threshold, CAM"} <= {
        *captions
    }
    tab.locator("input[value=layers]").check()
    tab.locator('#layer-list input[value="truth"]').check()
    address = tab.evaluate("location.hash")
    tab = opened.go(address)
    checked = tab.locator("#layer-list input:checked").evaluate_all("all => all.map(one => one.value)")
    assert checked == ["truth", "mask-0"]
    assert all(tab.locator("#stack img").evaluate_all("all => all.map(one => one.complete && one.naturalWidth === 96)"))


def test_without_true_masks_the_most_doubtful_come_first(browser, untold):
    page = Opened(browser, untold.page, viewport={"width": 1400, "height": 900})
    worst = [row["id"] for row in read_json(untold.results / "mask_quality.json")["worst_first"]]
    tab = page.go("#images?step=mask")
    assert tab.locator("#grid .name").all_inner_texts()[:5] == worst[:5]
    assert tab.locator("#grid .why").first.inner_text().startswith(("lacks", "open"))
    tab = page.go(f"#image/made/{worst[0]}")
    assert "truth" not in tab.locator("#side figcaption").all_inner_texts()
    tab = page.go("#overview")
    assert tab.locator(".examples a").count() == 12
    assert page.faults == []
    page.tab.close()


def test_names_of_any_kind_are_only_text(browser, result, tmp_path):
    """A name of an image that would be HTML, or that an address has to escape."""
    name = "a<b>&'\"/ü%2F#?.x"
    shutil.copytree(result.page, tmp_path / "page")
    rows = tmp_path / "page/rows/val.js"
    old = json.loads(rows.read_text().split(",", 1)[1].rsplit(");", 1)[0])["ids"][0]
    rows.write_text(rows.read_text().replace(json.dumps(old), json.dumps(name)))
    page = Opened(browser, tmp_path / "page")
    tab = page.go("#images?step=val")
    tab.locator("#grid a").first.click()
    tab.wait_for_selector("#view-image:not([hidden])")
    tab.wait_for_function("document.querySelectorAll('#side img').length > 0")
    assert tab.locator("#title-image").inner_text() == name
    assert page.faults == []
    page.tab.close()
