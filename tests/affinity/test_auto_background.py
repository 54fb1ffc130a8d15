"""The height of a background that no true mask has chosen."""

from __future__ import annotations

import numpy as np
import pytest
from small import write_dataset

from wsss.affinity import auto_background
from wsss.affinity.auto_background import LEVELS, auto_score, minimum_cross_entropy, threshold_of_share
from wsss.errors import InputError
from wsss.seed.seed_file import write_seed


def counts_of(values) -> np.ndarray:
    return np.bincount(np.rint(np.asarray(values) * (LEVELS - 1)).astype(int).ravel(), minlength=LEVELS)


def test_two_heaps_are_parted_between_them_whatever_their_sizes():
    assert minimum_cross_entropy(counts_of([0.2] * 90 + [0.8] * 10)) == pytest.approx(0.5, abs=1 / 255)


def test_the_threshold_loses_least_cross_entropy():
    """By its definition: the sum of g ln(g / mean of its side) over all values g, for each threshold."""
    values = np.round(np.random.default_rng(1).beta(0.7, 1.9, 4000) * 255) / 255

    def lost(side):
        side = side[side > 0]
        return (side * np.log(side / side.mean())).sum() if len(side) else np.inf

    def lost_with_zeros(side):
        positive = side[side > 0]
        return (positive * np.log(positive / side.mean())).sum() if len(side) else np.inf

    losses = [lost_with_zeros(values[values <= k / 255]) + lost(values[values > k / 255]) for k in range(LEVELS - 1)]
    assert (values == 0).any()
    assert minimum_cross_entropy(counts_of(values)) == pytest.approx((np.argmin(losses) + 0.5) / 255)


def test_at_the_threshold_both_means_are_as_far_in_the_logarithm():
    """Li & Tam 1998: at the best threshold, t = (f - b) / (ln f - ln b) of the means b and f of both sides."""
    random = np.random.default_rng(2)
    values = np.concatenate([random.gamma(2, 0.05, 50000), random.normal(0.7, 0.1, 8000)]).clip(0, 1)
    threshold = minimum_cross_entropy(counts_of(values))
    background, foreground = values[values <= threshold].mean(), values[values > threshold].mean()
    expected = (foreground - background) / (np.log(foreground) - np.log(background))
    assert threshold == pytest.approx(expected, abs=2 / 255)


def test_where_all_is_alike_it_is_the_middle():
    assert minimum_cross_entropy(counts_of([0.3] * 5)) == 0.5
    assert minimum_cross_entropy(np.zeros(LEVELS, int)) == 0.5


def test_at_most_the_share_is_above_the_threshold_and_no_lower_one_would_do():
    values = np.round(np.random.default_rng(3).random(1000) * 255) / 255
    threshold = threshold_of_share(counts_of(values), 0.3)
    assert (values > threshold + 1e-9).mean() <= 0.3 < (values > threshold - 0.5 / 255).mean()
    assert threshold_of_share(counts_of([0.0] * 9 + [1.0]), 0.25) == 0
    assert threshold_of_share(counts_of([0.4] * 5), 0.25) == 0.4


def write_seeds(dataset, folder, background: float):
    """Write a seed for each image: 1 on a fifth of it, `background` elsewhere."""
    for image_id in dataset.split("train"):
        classes = np.flatnonzero(dataset.labels([image_id])[0]) + 1
        maps = np.full((len(classes), 8, 10), background, np.float16)
        maps[:, :, :2] = 1
        write_seed(folder / f"{image_id}.npz", classes, maps, dataset.image_size(image_id))
    return folder


@pytest.mark.parametrize("background", [0.0, 0.25, 0.5, 0.75])
def test_a_bright_background_gets_a_high_score_and_a_dark_one_a_low(tmp_path, background):
    dataset = write_dataset(tmp_path / "data", size=(32, 40))
    score = auto_score(dataset, "train", write_seeds(dataset, tmp_path / "seeds", background), 0.25, threads=1)
    assert score == pytest.approx((1 + background) / 2, abs=1 / 255)


def test_where_much_is_bright_no_more_than_the_share_is_foreground(tmp_path):
    """A third is 0, a third 0.8, a third 0.9 or 1: parted below 0.8, two thirds would be foreground."""
    dataset = write_dataset(tmp_path / "data", size=(32, 48))
    folder = tmp_path / "seeds"
    for image_id in dataset.split("train"):
        maps = np.repeat(np.array([0, 0.8, 0.8, 0.9, 1.0, 0], np.float16), 2)[None, None].repeat(8, 1)
        write_seed(folder / f"{image_id}.npz", np.flatnonzero(dataset.labels([image_id])[0]) + 1, maps, (32, 48))
    scores = [auto_score(dataset, "train", folder, share, threads=1) for share in (1.0, 0.5, 0.25)]
    assert scores[0] < 0.5 and scores[1:] == pytest.approx([0.8, 0.9], abs=1 / 255)


def test_it_is_the_median_of_the_images_and_those_without_a_seed_say_nothing(tmp_path):
    dataset = write_dataset(tmp_path / "data", size=(32, 40), images=6)
    folder = write_seeds(dataset, tmp_path / "seeds", 0.5)
    for image_id, background in (("i0", None), ("i1", 0.0), ("i2", 0.25)):
        maps = np.zeros((1, 8, 10), np.float16) if background is None else np.full((1, 8, 10), background, np.float16)
        maps[:, :, :2] = 0 if background is None else 1
        write_seed(folder / f"{image_id}.npz", np.array([int(image_id[1]) % 3 + 1]), maps, (32, 40))
    assert auto_score(dataset, "train", folder, 0.25, threads=1) == pytest.approx(
        0.75, abs=1 / 255
    )  # of .5, .63, .75 thrice


def test_seeds_of_zero_alone_are_refused(tmp_path):
    dataset = write_dataset(tmp_path / "data", size=(32, 40))
    folder = tmp_path / "seeds"
    for image_id in dataset.split("train"):
        write_seed(
            folder / f"{image_id}.npz",
            np.flatnonzero(dataset.labels([image_id])[0]) + 1,
            np.zeros((1, 8, 10)),
            (32, 40),
        )
    with pytest.raises(InputError, match="all seeds of train are 0 everywhere"):
        auto_score(dataset, "train", folder, 0.25, threads=1)


def test_images_without_a_class_say_nothing(tmp_path):
    dataset = write_dataset(tmp_path / "data", size=(32, 40))
    table = (dataset.root / "labels.csv").read_text().splitlines()
    (dataset.root / "labels.csv").write_text("\n".join([*table[:-1], "i5,0,0,0", ""]))
    seeds = write_seeds(type(dataset)(dataset.root), tmp_path / "seeds", 0.5)
    assert len(np.load(seeds / "i5.npz")["classes"]) == 0
    assert auto_score(type(dataset)(dataset.root), "train", seeds, 0.25, threads=1) == pytest.approx(0.75, abs=1 / 255)


def test_only_labels_and_seeds_are_looked_at(tmp_path):
    dataset = write_dataset(tmp_path / "data", size=(32, 40))
    seeds = write_seeds(dataset, tmp_path / "seeds", 0.5)
    for mask in (dataset.root / "masks").iterdir():
        mask.unlink()
    assert auto_score(type(dataset)(dataset.root), "train", seeds, 0.25, threads=1) == pytest.approx(0.75, abs=1 / 255)


def test_of_many_images_so_many_are_read_spread_evenly(tmp_path, monkeypatch):
    """Of six images the first, third and fifth; the others have no seed at all."""
    monkeypatch.setattr(auto_background, "IMAGES", 3)
    dataset = write_dataset(tmp_path / "data", size=(32, 40), images=6)
    folder = write_seeds(dataset, tmp_path / "seeds", 0.5)
    for index in (1, 3, 5):
        (folder / f"i{index}.npz").unlink()
    assert auto_score(dataset, "train", folder, 0.25, threads=1) == pytest.approx(0.75, abs=1 / 255)
