"""Plots of metrics and of training curves, by what is in them."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from wsss.evaluation.metrics import ConfusionMatrix, SeedCurve
from wsss.figures.plots import confusion_picture, summary_bars, threshold_curves, training_curves, write_figure


def _seed_metrics(best: int) -> dict:
    """Metrics of one image whose seed is right down to threshold `best`/255."""
    curve = SeedCurve(["cat"])
    mask = np.zeros((4, 4), np.uint8)
    mask[:2] = 1
    seed = np.where(mask == 1, 0.9, (best - 0.5) / 255).astype(np.float32)
    curve.add(mask, np.array([1]), seed[None])
    return curve.result()


def test_threshold_curves_are_the_values_given_with_the_best_threshold_marked():
    experiments = {"CAM": _seed_metrics(100), "USAGE": _seed_metrics(20)}
    figure = threshold_curves(experiments)
    assert len(figure.axes) == 3
    for axes, key in zip(figure.axes, ("miou", "fpr", "fnr"), strict=True):
        lines = axes.get_lines()
        for (line, dot), metrics in zip((lines[:2], lines[2:]), experiments.values(), strict=True):
            assert line.get_xdata().tolist() == [point["threshold"] for point in metrics["curve"]]
            assert line.get_ydata().tolist() == [point[key] for point in metrics["curve"]]
            assert dot.get_xydata().tolist() == [[metrics["threshold"], metrics[key]]]
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["CAM: 100.0 % at t = 0.39", "USAGE: 100.0 % at t = 0.08"]


def test_lines_of_experiments_differ_in_colour_and_in_pattern():
    figure = threshold_curves({label: _seed_metrics(20) for label in "abc"})
    lines = figure.axes[0].get_lines()[::2]
    assert len({line.get_color() for line in lines}) == len({line.get_linestyle() for line in lines}) == 3


def test_training_curves_show_the_terms_of_the_loss_and_t_on_its_own_axis():
    seed = pd.DataFrame({"epoch": [1, 2], "lr": [0.1, 0.0], "loss": [0.6, 0.4], "classification": [0.5, 0.3]})
    seed["t"] = [0.1, 0.7]
    figure = training_curves({"seed network": seed, "AffinityNet": seed[["epoch", "lr", "loss"]]})
    first, second, t_axis = figure.axes
    lines = {line.get_label(): line.get_ydata() for line in first.get_lines()}
    assert list(lines) == ["loss", "classification", "t (right axis)"]
    assert list(lines["loss"]) == [0.6, 0.4] and list(lines["classification"]) == [0.5, 0.3]
    assert list(t_axis.get_lines()[0].get_ydata()) == [0.1, 0.7]
    assert [line.get_label() for line in second.get_lines()] == ["loss"]
    assert [axes.get_title() for axes in (first, second)] == ["seed network", "AffinityNet"]


def test_a_small_term_is_drawn_times_a_power_of_ten_that_the_key_names():
    curve = pd.DataFrame({"epoch": [1, 2], "loss": [0.6, 0.4], "agreement": [0.001, 0.004], "zero": [0.0, 0.0]})
    axes = training_curves({"seed network": curve}).axes[0]
    lines = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
    assert list(lines["agreement × 100"]) == pytest.approx([0.1, 0.4])
    assert list(lines["zero"]) == [0, 0]


def test_a_confusion_matrix_is_in_percent_of_the_true_class():
    counts = [[90, 10, 0], [30, 60, 10], [0, 0, 0]]
    axes = confusion_picture({"val": counts}, ["background", "cat", "dog"]).axes[0]
    assert axes.get_images()[0].get_array().tolist() == [[90, 10, 0], [30, 60, 10], [0, 0, 0]]
    numbers = {text.get_position(): text.get_text() for text in axes.texts}
    assert numbers == {(0, 0): "90", (1, 0): "10", (0, 1): "30", (1, 1): "60", (2, 1): "10"}
    assert [label.get_text() for label in axes.get_yticklabels()] == ["background", "cat", "dog"]
    assert axes.get_title() == "val"


def test_a_confusion_matrix_of_many_classes_has_no_numbers():
    axes = confusion_picture({"val": np.eye(81)}, [f"class {number}" for number in range(81)]).axes[0]
    assert not axes.texts and len(axes.get_xticklabels()) == 81


def _mask_metrics(prediction: list[int]) -> dict:
    counts = ConfusionMatrix(["cat", "dog"])
    counts.add(np.array([[0, 0, 1, 1]], np.uint8), np.array([prediction], np.uint8))
    return counts.result()


def test_bars_stand_side_by_side_in_the_height_of_the_iou():
    axes = summary_bars({"masks": _mask_metrics([0, 0, 1, 1]), "val": _mask_metrics([0, 1, 1, 1])}).axes[0]
    masks, val = axes.containers
    assert [bar.get_height() for bar in masks] == [100, 100, 0]  # no dog anywhere: no bar
    assert [bar.get_height() for bar in val] == pytest.approx([50, 200 / 3, 0])
    assert masks[0].get_x() + masks[0].get_width() == pytest.approx(val[0].get_x())
    assert [label.get_text() for label in axes.get_xticklabels()] == ["background", "cat", "dog"]


def test_a_written_figure_decodes_at_its_size_and_is_the_same_each_time(tmp_path):
    figure = summary_bars({"val": _mask_metrics([0, 0, 1, 1])})
    for name in ("one.png", "two.png"):
        write_figure(tmp_path / name, figure, dpi=100)
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    picture = np.asarray(Image.open(tmp_path / "one.png").convert("RGB"))
    assert picture.shape == (300, 650, 3)
    assert (picture[0, 0] == 255).all() and picture.std() > 10
    pdf = (tmp_path / "one.pdf").read_bytes()
    assert pdf == (tmp_path / "two.pdf").read_bytes() and pdf.startswith(b"%PDF")
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf  # TrueType, embedded
