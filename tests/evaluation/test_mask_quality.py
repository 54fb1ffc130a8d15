"""Masks judged without a true mask."""

import numpy as np
import pytest

from wsss.errors import InputError
from wsss.evaluation.mask_quality import mask_quality, summary

CONFIDENT = np.array([[0, 0, 1, 255], [0, 2, 1, 255]], np.uint8)


def test_what_a_mask_lacks_and_contradicts_is_counted():
    mask = np.array([[0, 1, 1, 1], [0, 1, 1, 0]], np.uint8)
    quality = mask_quality(mask, np.array([1, 1, 0]), CONFIDENT)
    assert quality.labelled == (1, 2) and quality.lacking == (2,)
    assert quality.void == 2 / 8 and quality.contradicted == 2 / 8  # one of background, one of class 2


def test_the_worst_masks_come_first():
    labels, clean = np.array([1, 0]), np.zeros((2, 4), np.uint8)
    clean[0, 0] = 1
    sure, unsure = clean.copy(), clean.copy()
    unsure[1] = 255
    qualities = {
        "good": mask_quality(clean, labels, sure),
        "unsure": mask_quality(clean, labels, unsure),
        "empty": mask_quality(np.zeros_like(clean), labels, sure),
        "of no class": mask_quality(np.zeros_like(clean), np.array([0, 0]), np.zeros_like(clean)),
    }
    numbers = summary(qualities, ["cat", "dog"])
    assert [one["id"] for one in numbers["worst_first"]] == ["empty", "unsure", "good", "of no class"]
    assert numbers["worst_first"][0]["lacking"] == ["cat"]
    assert (numbers["images"], numbers["images_lacking_a_class"]) == (4, 1)
    assert numbers["per_class"] == {"cat": {"images": 3, "lacking": 1}, "dog": {"images": 0, "lacking": 0}}
    assert numbers["void"] == 100 * 0.5 / 4 and numbers["contradicted"] == 100 * (1 / 8) / 4


def test_labels_of_another_size_are_refused_by_name():
    with pytest.raises(InputError, match="a.png: is"):
        mask_quality(np.zeros((2, 3), np.uint8), np.array([1]), CONFIDENT, "a.png")


def test_masks_without_crfs_are_judged_by_their_labels_alone():
    empty, full = np.zeros((2, 4), np.uint8), np.ones((2, 4), np.uint8)
    judged = {name: mask_quality(mask, np.array([1, 0]), None) for name, mask in (("full", full), ("empty", empty))}
    numbers = summary(judged, ["cat", "dog"])
    assert numbers["images_lacking_a_class"] == 1 and "void" not in numbers and "contradicted" not in numbers
    assert numbers["worst_first"] == [
        {"id": "empty", "lacking": ["cat"], "marked": 0.0},
        {"id": "full", "lacking": [], "marked": 100.0},
    ]


def test_a_mask_that_hardly_marks_its_image_comes_before_one_in_doubt():
    scant, whole = np.zeros((20, 20), np.uint8), np.ones((20, 20), np.uint8)
    scant[0, :3] = 1  # 0.75 %
    judged = {
        "in doubt": mask_quality(whole, np.array([1]), np.full((20, 20), 255, np.uint8)),
        "scant": mask_quality(scant, np.array([1]), scant),
        "of no class": mask_quality(np.zeros((20, 20), np.uint8), np.array([0]), scant * 0),
    }
    numbers = summary(judged, ["cat"])
    assert [one["id"] for one in numbers["worst_first"]] == ["scant", "in doubt", "of no class"]
    assert (numbers["images_hardly_marked"], numbers["images_lacking_a_class"]) == (1, 0)
    assert numbers["marked"] == pytest.approx(100 * (0.0075 + 1) / 3)
