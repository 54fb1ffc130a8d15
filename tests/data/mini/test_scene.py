"""The drawn data set: reproducible, labelled as it looks, and with the two causes of bad seeds in it."""

from __future__ import annotations

from colorsys import rgb_to_hsv

import numpy as np
import pytest

from wsss.data.mini.objects import HUES, draw_object
from wsss.data.mini.scene import BACKGROUNDS, CLASSES, SPLITS, draw_scene, scene_plan


@pytest.fixture(scope="module")
def masks():
    return {split: np.stack([draw_scene(0, split, index, size=48)[1] for index in range(60)]) for split in SPLITS}


@pytest.mark.parametrize("size", [48, 96])
def test_scene_has_the_size_asked_for(size):
    image, mask = draw_scene(0, "train", 0, size)
    assert (image.shape, image.dtype) == ((size, size, 3), np.uint8)
    assert (mask.shape, mask.dtype) == ((size, size), np.uint8)


def test_scene_is_the_same_when_drawn_twice_and_whatever_was_drawn_before():
    alone = draw_scene(5, "val", 7)
    for index in range(3):
        draw_scene(5, "val", index)
    again = draw_scene(5, "val", 7)
    assert np.array_equal(alone[0], again[0]) and np.array_equal(alone[1], again[1])


@pytest.mark.parametrize("other", [(1, "train", 0), (0, "val", 0), (0, "train", 1)])
def test_seed_split_and_index_each_make_another_scene(other):
    assert not np.array_equal(draw_scene(0, "train", 0)[0], draw_scene(*other)[0])


def test_masks_hold_background_and_class_numbers_only(masks):
    for split in SPLITS:
        assert set(np.unique(masks[split])) == set(range(len(CLASSES) + 1))


def test_every_scene_shows_an_object_and_leaves_background(masks):
    covered = np.concatenate([masks[split] for split in SPLITS]) > 0
    share = covered.mean(axis=(1, 2))
    assert share.min() > 0.02 and share.max() < 0.7
    assert 0.12 < share.mean() < 0.3


def test_some_scenes_show_several_classes(masks):
    count = np.array([len(np.unique(mask)) - 1 for mask in masks["train"]])
    assert 0.1 < (count > 1).mean() < 0.6


def test_each_class_has_a_usual_background_that_goes_with_it_more_than_any_other():
    rng = np.random.default_rng(0)
    together = np.zeros((len(CLASSES), len(BACKGROUNDS)))
    for _ in range(6000):
        kinds, classes = scene_plan(rng)
        for class_index in set(classes):
            together[class_index, list(set(kinds))] += 1
    share = together / together.sum(axis=1, keepdims=True)
    assert len(BACKGROUNDS) == len(CLASSES)
    assert np.all(np.diag(share) > 1.3 * (share - np.diag(np.diag(share))).max(axis=1))


def test_the_part_that_tells_the_class_is_small_and_belongs_to_the_object():
    rng = np.random.default_rng(0)
    for class_index in range(len(CLASSES)):
        drawn = draw_object(rng, class_index, length=120)
        assert np.all(drawn.silhouette[drawn.part])
        assert 0.05 < drawn.part.sum() / drawn.silhouette.sum() < 0.3


def test_outlines_do_not_tell_the_class():
    objects = [draw_object(np.random.default_rng(3), class_index, length=120) for class_index in range(len(CLASSES))]
    body = ~np.any([drawn.part for drawn in objects], axis=0) & objects[0].silhouette
    assert body.sum() > 0.6 * objects[0].silhouette.sum()
    assert all(np.all(drawn.silhouette[body]) for drawn in objects)


def test_the_hue_of_a_body_hints_strongly_at_the_class_and_misleads_now_and_then():
    rng, right, usual = np.random.default_rng(0), [], np.array(list(HUES.values()))
    for class_index in range(len(CLASSES)):
        for _ in range(60):
            drawn = draw_object(rng, class_index, length=40)
            colour = drawn.colour[drawn.silhouette & ~drawn.part].mean(axis=0) / 255
            distance = np.abs((rgb_to_hsv(*colour.tolist())[0] - usual + 0.5) % 1 - 0.5)
            right.append(distance.argmin() == class_index)
    assert 0.8 < np.mean(right) < 0.99  # chance: 0.17


def test_an_object_from_behind_is_the_body_alone():
    seen, hidden = (draw_object(np.random.default_rng(3), 0, length=120, shows_part=shows) for shows in (True, False))
    assert seen.part.any() and not hidden.part.any()
    assert np.array_equal(hidden.silhouette, seen.silhouette & (hidden.silhouette | ~seen.part))


def test_parts_of_all_classes_look_different():
    painted = []
    for class_index in range(len(CLASSES)):
        drawn = draw_object(np.random.default_rng(3), class_index, length=120)
        painted.append(np.where(drawn.part[..., None], drawn.colour, 0))
    for first in range(len(CLASSES)):
        for second in range(first):
            ink = painted[first].any(axis=2) | painted[second].any(axis=2)
            assert np.abs(painted[first] - painted[second])[ink].mean() > 25
