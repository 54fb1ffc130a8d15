"""A machine draws masks and seeds: the evaluation says what a plain loop says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wsss.evaluation.image_rows import counts_of_seed
from wsss.evaluation.metrics import LEVELS, ConfusionMatrix, SeedCurve
from wsss.files import VOID

COUNT = 3  # foreground classes
SIZES = st.tuples(st.integers(1, 7), st.integers(1, 7))
LABELS = st.sampled_from([0, 1, 2, 3, VOID])
# values where a threshold lies, or next to one
NEAR = (
    st.integers(0, 255)
    .flatmap(
        lambda k: st.sampled_from(
            [k / 255, np.nextafter(np.float32(k / 255), 2), np.nextafter(np.float32(k / 255), -1)]
        )
    )
    .map(lambda value: float(np.clip(value, 0, 1)))
)


@st.composite
def pairs(draw) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return masks and predictions of one to three images, each of its own size."""
    images = []
    for size in draw(st.lists(SIZES, min_size=1, max_size=3)):
        mask = draw(arrays(np.uint8, size, elements=LABELS))
        images.append((mask, draw(arrays(np.uint8, size, elements=st.integers(0, COUNT)))))
    return images


@st.composite
def seeds(draw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a mask, classes, and their seeds."""
    size = draw(SIZES)
    classes = np.array(sorted(draw(st.sets(st.integers(1, COUNT)))), np.intp)
    maps = draw(arrays(np.float32, (len(classes), *size), elements=NEAR | st.floats(0, 1, width=32)))
    return draw(arrays(np.uint8, size, elements=LABELS)), classes, maps


def plain_rates(images: list[tuple[np.ndarray, np.ndarray]]) -> dict[int, tuple[float, float, float] | None]:
    """Return IoU, FPR, FNR of each class, pixel by pixel; None where it does not occur."""
    rates = {}
    for number in range(COUNT + 1):
        hit = wrong = missed = 0
        for mask, prediction in images:
            for true, predicted in zip(mask.ravel().tolist(), prediction.ravel().tolist(), strict=True):
                if true != VOID:
                    hit += true == number and predicted == number
                    wrong += true != number and predicted == number
                    missed += true == number and predicted != number
        union = hit + wrong + missed
        rates[number] = (100 * hit / union, 100 * wrong / union, 100 * missed / union) if union else None
    return rates


def check(per_class: dict[str, dict], wanted: dict) -> None:
    for number, name in enumerate(("background", "a", "b", "c")):
        found = tuple(per_class[name][key] for key in ("iou", "fpr", "fnr"))
        assert found == (wanted[number] or (None, None, None)), name


@given(pairs())
def test_masks(images):
    total = ConfusionMatrix(["a", "b", "c"])
    for mask, prediction in images:
        total.add(mask, prediction)
    result, wanted = total.result(), plain_rates(images)
    check(result["per_class"], wanted)
    occurring = [rates[0] for rates in wanted.values() if rates]
    assert result["miou"] == (np.mean(occurring) if occurring else None)


def plain_prediction(classes: np.ndarray, maps: np.ndarray, threshold: np.float32) -> np.ndarray:
    scores = np.concatenate([np.full((1, *maps.shape[1:]), threshold, np.float32), maps])
    return np.array([0, *classes], np.uint8)[scores.argmax(0)]


@given(st.lists(seeds(), min_size=1, max_size=3), st.integers(0, LEVELS - 1))
def test_seeds_at_any_threshold(images, level):
    curve = SeedCurve(["a", "b", "c"])
    for mask, classes, maps in images:
        curve.add(mask, classes, maps)
    predicted = [(mask, plain_prediction(classes, maps, curve.scores[level])) for mask, classes, maps in images]
    plain = ConfusionMatrix(["a", "b", "c"])
    for mask, prediction in predicted:
        plain.add(mask, prediction)
    assert np.array_equal(curve.confusions()[level], plain.counts)
    result = curve.result()
    best = max((row["miou"] or 0) for row in result["curve"])
    assert (result["miou"] or 0) == best


@given(seeds(), st.integers(0, LEVELS - 1))
def test_what_an_image_adds_at_any_threshold(image, level):
    mask, classes, maps = image
    curve = SeedCurve(["a", "b", "c"])
    counts = counts_of_seed(*curve.add(mask, classes, maps), int((mask == VOID).sum()))
    prediction = plain_prediction(classes, maps, curve.scores[level])
    for number, true, predicted, hit in zip(
        counts.classes, counts.true, counts.predicted[:, level], counts.hit[:, level], strict=True
    ):
        seen = mask != VOID
        assert true == (mask == number).sum()
        assert predicted == ((prediction == number) & seen).sum()
        assert hit == ((prediction == number) & (mask == number)).sum()
    assert counts.void_share == (mask == VOID).mean()
