"""One pass over the images against one pass per threshold, and the published evaluator's values."""

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from paths import GOLDEN
from PIL import Image

from wsss.errors import InputError
from wsss.evaluation.metrics import ConfusionMatrix, SeedCurve, measure

CLASSES = ["cat", "dog", "cow", "bus"]


def _image(archive, name):
    return Image.open(io.BytesIO(archive.read(name)))


def test_the_published_evaluation_of_47_photos_is_reproduced():
    with zipfile.ZipFile(GOLDEN / "seed_evaluation.zip") as archive:
        expected = json.loads(archive.read("expected.json"))
        names = [name for name in expected["26"] if name not in ("background", "mIoU", "FP", "FN")]
        curve = SeedCurve(names, offset=-0.5)
        cams = [name for name in archive.namelist() if name.startswith("cams/")]
        masks = [name for name in archive.namelist() if name.startswith("masks/")]
        for mask_name in masks:
            mask = _image(archive, mask_name)
            own = {
                int(cam.split("_")[-1][:-4]): _image(archive, cam).resize(mask.size, Image.Resampling.BILINEAR)
                for cam in cams
                if cam.startswith(f"cams/{Path(mask_name).stem}_")
            }
            classes = sorted(own)  # seeds of 8 bits tie now and then: the lower class wins
            maps = np.stack([np.asarray(own[c], np.float32) / 255 for c in classes])
            curve.add(np.asarray(mask), np.array(classes), maps)
    confusions = curve.confusions()
    assert len(expected) == 6
    for key, values in expected.items():
        metrics = measure(confusions[int(key)], names)
        # The published evaluator counts classes that never occur as 0, in the means, too.
        for name, rates in metrics["per_class"].items():
            assert (rates["iou"] or 0) == pytest.approx(values[name], abs=0.01)
        for published, own in (("mIoU", "iou"), ("FP", "fpr"), ("FN", "fnr")):
            mean = sum(rates[own] or 0 for rates in metrics["per_class"].values()) / 21
            assert mean == pytest.approx(values[published], abs=0.01)


def _random_images(count, snap, seed=0):
    """Masks with void, and seeds of 0 to 3 classes, of which the share `snap` lies exactly on thresholds."""
    random = np.random.default_rng(seed)
    for index in range(count):
        mask = random.integers(0, len(CLASSES) + 1, (13, 17), dtype=np.uint8)
        mask[random.random(mask.shape) < 0.1] = 255
        classes = np.sort(random.permutation(len(CLASSES))[: index % 4] + 1)
        maps = random.random((len(classes), 13, 17), dtype=np.float32)
        levels = random.integers(0, 256, maps.shape)
        on_threshold = random.random(maps.shape) < snap
        maps[on_threshold] = (levels / 255).astype(np.float32)[on_threshold]
        nudged = random.random(maps.shape)
        maps = np.where(nudged < 0.1, np.nextafter(maps, np.float32(2)), maps)
        maps = np.where(nudged > 0.9, np.nextafter(maps, np.float32(-1)), maps)
        if len(maps) > 1:  # seeds that tie with one another
            maps[1][:5] = maps[0][:5]
        yield mask, classes, maps


def _naive_confusion(images, score):
    confusion = np.zeros((len(CLASSES) + 1, len(CLASSES) + 1), int)
    for mask, classes, maps in images:
        scores = np.concatenate([np.full((1, *mask.shape), score, np.float32), maps])
        prediction = np.concatenate([[0], classes])[np.argmax(scores, axis=0)]
        for true, predicted in zip(mask.ravel(), prediction.ravel(), strict=True):
            if true != 255:
                confusion[true, predicted] += 1
    return confusion


def _curve(images, **options):
    curve = SeedCurve(CLASSES, **options)
    for image in images:
        curve.add(*image)
    return curve


@pytest.mark.parametrize("snap", [0, 0.5, 1])
@pytest.mark.parametrize("offset", [0.0, -0.5])
def test_one_pass_equals_one_argmax_per_threshold(snap, offset):
    images = list(_random_images(8, snap))
    confusions = _curve(images, offset=offset).confusions()
    for k in (0, 1, 2, 51, 84, 85, 127, 128, 200, 253, 254, 255):
        assert np.array_equal(confusions[k], _naive_confusion(images, (k + offset) / 255)), k


def test_every_float_next_to_a_threshold_is_on_its_right_side():
    curve = SeedCurve(CLASSES)
    on = curve.scores
    below, above = np.nextafter(on, np.float32(-1)), np.nextafter(on, np.float32(2))
    for values in (below, on, above):
        assert np.array_equal(curve._thresholds_below(values), np.searchsorted(on, values))
        assert np.array_equal(curve._thresholds_below(values), [(on < value).sum() for value in values])


def test_background_wins_ties_and_the_first_class_wins_among_seeds():
    maps = np.full((2, 1, 1), 51 / 255, np.float32)
    curve = SeedCurve(CLASSES)
    curve.add(np.array([[2]], np.uint8), np.array([2, 3]), maps)
    confusions = curve.confusions()
    assert confusions[50, 2, 2] == 1
    assert confusions[51, 2, 0] == 1


def test_merged_parts_are_the_single_pass():
    images = list(_random_images(9, 0.5))
    parts = [_curve(images[:4]), _curve(images[4:])]
    parts = [pickle.loads(pickle.dumps(part)) for part in parts]  # as they come from other processes
    whole = _curve(images).result()
    assert parts[0].result() != whole
    assert parts[0].merge(parts[1]) is parts[0]
    assert parts[0].result() == whole


def test_merged_confusion_matrices_are_the_single_pass():
    images = [(mask, np.roll(mask, 1) % 5) for mask, _, _ in _random_images(4, 0)]
    whole, first, second = (ConfusionMatrix(CLASSES) for _ in range(3))
    for index, image in enumerate(images):
        whole.add(*image)
        (first if index < 2 else second).add(*image)
    assert first.merge(second).result() == whole.result()
    assert whole.result()["images"] == 4


def test_only_equal_kinds_of_accumulators_merge():
    for other in (SeedCurve(CLASSES[:2]), SeedCurve(CLASSES, offset=-0.5), ConfusionMatrix(CLASSES)):
        with pytest.raises(ValueError, match="merged"):
            SeedCurve(CLASSES).merge(other)


def test_rates_are_those_of_the_method():
    # cat: TP 3, FN 1, FP 2; dog: TP 4, FN 2, FP 0; background: TP 5, FP 1, FN 0
    result = measure(np.array([[5, 0, 0], [1, 3, 0], [0, 2, 4]]), ["cat", "dog"])
    cat = result["per_class"]["cat"]
    assert cat == pytest.approx({"iou": 50, "fpr": 100 * 2 / 6, "fnr": 100 / 6})
    assert result["per_class"]["background"]["iou"] == pytest.approx(500 / 6)
    assert result["miou"] == pytest.approx((50 + 400 / 6 + 500 / 6) / 3)
    assert result["miou"] + result["fpr"] + result["fnr"] == pytest.approx(100)


def test_classes_that_never_occur_are_left_out_of_the_mean():
    matrix = ConfusionMatrix(CLASSES)
    matrix.add(np.array([[0, 2]], np.uint8), np.array([[0, 2]], np.uint8))
    result = matrix.result()
    assert result["miou"] == 100
    assert result["per_class"]["cat"] == {"iou": None, "fpr": None, "fnr": None}


def test_a_class_that_is_only_predicted_counts():
    matrix = ConfusionMatrix(CLASSES)
    matrix.add(np.array([[0, 0]], np.uint8), np.array([[0, 2]], np.uint8))
    assert matrix.result()["miou"] == pytest.approx(25)


def test_void_pixels_are_not_looked_at():
    matrix = ConfusionMatrix(CLASSES)
    matrix.add(np.array([[0, 255]], np.uint8), np.array([[0, 3]], np.uint8))
    assert matrix.counts.sum() == matrix.counts[0, 0] == 1


def test_images_of_void_alone_change_nothing():
    curve = _curve(_random_images(4, 0))
    before = curve.result()
    curve.add(np.full((2, 2), 255, np.uint8), np.array([1]), np.ones((1, 2, 2), np.float32))
    assert curve.result() == {**before, "images": 5, "seeds": before["seeds"] + 1}


def test_nothing_but_void_gives_no_numbers_and_valid_json():
    curve = SeedCurve(CLASSES)
    curve.add(np.full((2, 2), 255, np.uint8), np.array([1]), np.ones((1, 2, 2), np.float32))
    result = json.loads(json.dumps(curve.result(), allow_nan=False))
    assert result["miou"] is None
    assert result["curve"][0]["miou"] is None


def test_an_image_without_labels_is_background_at_every_threshold():
    curve = SeedCurve(CLASSES)
    curve.add(np.array([[0, 1]], np.uint8), np.zeros(0, int), np.zeros((0, 1, 2), np.float32))
    assert (curve.confusions()[:, :2, 0] == 1).all()
    assert curve.counts.sum() == 2


def test_the_best_point_of_the_curve_is_reported():
    maps = np.array([[[0.2, 0.6]]], np.float32)
    curve = SeedCurve(CLASSES)
    curve.add(np.array([[0, 1]], np.uint8), np.array([1]), maps)
    result = curve.result()
    assert len(result["curve"]) == 256
    assert result["miou"] == 100
    assert result["threshold"] == 51 / 255  # the lowest of 0.2 … 0.6: at 0.2 the background wins the tie
    assert result["per_class"]["cat"]["iou"] == 100


@pytest.mark.parametrize(
    ("mask", "prediction", "fault"),
    [([[5]], [[0]], "class 5 in the mask"), ([[0]], [[5]], "class 5 in the pred"), ([[0, 0]], [[0]], "the mask is")],
)
def test_masks_that_do_not_fit_are_refused_by_name(mask, prediction, fault):
    with pytest.raises(InputError, match=f"2007_000032: {fault}"):
        ConfusionMatrix(CLASSES).add(np.array(mask, np.uint8), np.array(prediction, np.uint8), "2007_000032")


@pytest.mark.parametrize(("classes", "value", "fault"), [([5], 0.5, "classes"), ([1], np.nan, "NaN")])
def test_seeds_that_do_not_fit_are_refused_by_name(classes, value, fault):
    with pytest.raises(InputError, match=f"2007_000032: .*{fault}"):
        SeedCurve(CLASSES).add(
            np.zeros((2, 2), np.uint8), np.array(classes), np.full((1, 2, 2), value, np.float32), "2007_000032"
        )
