"""What is counted in a prepared data set, and what is found odd."""

import numpy as np
import pytest
from PIL import Image

from wsss.data.inspect import (
    ImageFacts,
    edge_contrast,
    image_facts,
    inspect_split,
    split_report,
    warn_of_foreign_photos,
)
from wsss.data.layouts.mini import prepare_mini
from wsss.data.mini.scene import draw_scene
from wsss.data.prepared import PreparedDataset


@pytest.fixture
def mini(tmp_path):
    out = tmp_path / "mini"
    out.mkdir()
    prepare_mini(out, 0, {"train": 14, "val": 3, "test": 2}, 64)
    return PreparedDataset(out)


def facts_of(*numbers, size=(120, 120), grey=False):
    """Return the facts of an image whose mask has so many pixels of each number: {number: pixels}."""
    pixels = np.zeros(256, int)
    for number, count in dict(numbers).items():
        pixels[number] = count
    return ImageFacts(size, grey, pixels)


def odd(facts, labels=None):
    """Return what is odd about one image called a."""
    report = split_report(["a"], [facts], None if labels is None else np.array([labels], np.uint8), 3)
    return {what for what, ids in report.odd.items() if ids == ["a"]}


def test_an_image_like_any_other_is_not_odd():
    assert odd(facts_of((0, 900), (2, 100)), [0, 1, 0]) == set()


@pytest.mark.parametrize(
    ("facts", "labels", "what"),
    [
        (facts_of((0, 900), (2, 100)), [0, 0, 0], {"no label", "class in the mask without its label"}),
        (facts_of((0, 900), (2, 100)), [0, 1, 1], {"label without its class in the mask"}),
        (facts_of((0, 1000)), [0, 0, 0], {"mask of background alone", "no label"}),
        (facts_of((0, 9999), (2, 1)), [0, 1, 0], {"objects on less than 0.1% of the mask"}),
        (facts_of((2, 100), (255, 900)), [0, 1, 0], {"more than half of the mask void"}),
        (facts_of((0, 900), (2, 100), grey=True), [0, 1, 0], {"grey photo"}),
        (facts_of((0, 900), (2, 100), size=(90, 400)), [0, 1, 0], {"shorter side below 100 pixels"}),
    ],
)
def test_odd_images_are_found(facts, labels, what):
    assert odd(facts, labels) == what


def test_a_grey_photo_is_told_from_a_coloured_one():
    grey = np.repeat(np.random.default_rng(0).integers(0, 256, (40, 40, 1), np.uint8), 3, -1)
    coloured = grey.copy()
    coloured[..., 0] //= 2
    assert image_facts(grey, None).grey and not image_facts(coloured, None).grey


def test_classes_labels_and_pixels_are_counted(mini):
    report = inspect_split(mini, "train")
    labels = mini.labels(mini.split("train"))
    assert np.array_equal(report.class_images, labels.sum(0))
    assert (
        report.labels_per_image.total() == 14 and sum(k * v for k, v in report.labels_per_image.items()) == labels.sum()
    )
    assert report.class_pixels.sum() == pytest.approx(1)
    assert report.sizes == {(64, 64): 14} and report.masked == 14


def test_edges_follow_ones_own_mask_more_than_anothers():
    own, foreign = [], []
    for index in range(10):
        photo, mask = draw_scene(0, "train", index, 64)
        own.append(edge_contrast(photo, mask))
        foreign.append(edge_contrast(draw_scene(0, "train", index + 20, 64)[0], mask))
    assert np.median(own) > 1.5 * np.median(foreign)


def test_a_mask_without_outlines_tells_nothing():
    assert edge_contrast(np.zeros((20, 20, 3), np.uint8), np.ones((20, 20), np.uint8)) is None


def test_photos_that_are_not_the_ones_annotated_are_warned_of(mini, capsys):
    warn_of_foreign_photos(mini, "train")
    assert capsys.readouterr().err == ""
    ids = mini.split("train")
    photos = [mini.image(name) for name in ids]
    for name, photo in zip(ids, photos[1:] + photos[:1], strict=True):
        Image.fromarray(photo).save(mini.image_path(name))
    warn_of_foreign_photos(mini, "train")
    assert "are these the photos that were annotated?" in capsys.readouterr().err
