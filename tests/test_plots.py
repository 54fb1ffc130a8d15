"""Pictures and figures, by what is in them."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.colors import to_hex
from PIL import Image
from voc_folder import make_voc_folder

from stages.plot_overview import run as draw_overview
from wsss import stage
from wsss.config import load_parameters
from wsss.data.prepare import prepare_voc_layout
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import VOID, write_json
from wsss.metrics import ConfusionMatrix, SeedCurve
from wsss.pictures import Panel, choose_images, feature_map, heat_map, image_grid, image_panels, mask_overlay
from wsss.plots import confusion_picture, summary_bars, threshold_curves, training_curves, write_figure
from wsss.seed_file import write_seed
from wsss.workflow import Experiments

REPOSITORY = Path(__file__).parent.parent
GREY = np.full((40, 40, 3), 100, np.uint8)


def test_an_overlay_blends_class_colours_and_leaves_the_background():
    mask = np.zeros((40, 40), np.uint8)
    mask[:10], mask[20:30] = 1, 15
    picture = mask_overlay(GREY, mask, opacity=0.5)
    assert picture[5, 20].tolist() == [114, 50, 50]  # half of VOC's (128, 0, 0)
    assert picture[25, 20].tolist() == [146, 114, 114]  # half of VOC's (192, 128, 128)
    assert (picture[12:18] == 100).all() and (picture[32:] == 100).all()


def test_an_overlay_outlines_regions_in_white_on_their_inside():
    mask = np.zeros((40, 40), np.uint8)
    mask[10:20, 10:20] = 3
    white = (mask_overlay(GREY, mask) == 255).all(-1)
    inside = np.zeros((40, 40), bool)
    inside[10:20, 10:20] = True
    inside[11:19, 11:19] = False
    assert np.array_equal(white, inside)


def test_void_is_hatched_in_white_wherever_it_is():
    mask = np.zeros((40, 40), np.uint8)
    mask[20:] = VOID
    picture = mask_overlay(GREY, mask)
    white = (picture == 255).all(-1)
    assert 0.4 < white[20:].mean() < 0.6 and not white[:20].any()
    assert (picture[20:].min(axis=(0, 1)) == 162).all()  # between the stripes, lighter than the photo


def test_a_heat_map_is_brighter_where_the_seed_is_higher():
    values = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (40, 1))
    brightness = heat_map(GREY, values).astype(int).sum(-1)
    assert (np.diff(brightness[0][::4]) > 0).all()
    assert (brightness == brightness[:1]).all()


def test_a_feature_map_is_blocks_from_its_lowest_to_its_highest_value():
    picture = feature_map(np.array([[-3.0, 5.0], [1.0, 1.0]]), (4, 6)).astype(int)
    assert picture.shape == (4, 6, 3)
    blocks = [picture[:2, :3], picture[:2, 3:], picture[2:, :3]]
    assert all((block == block[0, 0]).all() for block in blocks)
    assert blocks[0].sum() < blocks[2].sum() < blocks[1].sum()
    assert (feature_map(np.full((2, 2), 7.0), (4, 4)) == feature_map(np.zeros((1, 1)), (4, 4))).all()


def test_a_photo_under_a_heat_map_is_still_seen():
    photo = GREY.copy()
    photo[:20] = 200
    picture = heat_map(photo, np.full((40, 40), 0.5, np.float32)).astype(int)
    assert (picture[:20] > picture[20:]).all()


def test_the_chosen_images_show_all_classes_if_that_is_possible():
    labels = np.array([[1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]])
    assert choose_images(labels, 2) == [3, 4]
    assert choose_images(labels, 4) == [0, 2, 3, 4]  # all after three; image 3 begins anew
    assert choose_images(labels, 99) == [0, 1, 2, 3, 4, 5]


def test_the_chosen_images_are_the_first_ones_that_add_a_class():
    labels = np.repeat(np.eye(3, dtype=np.uint8), 5, axis=0)
    assert choose_images(labels, 3) == [0, 5, 10]
    assert choose_images(labels, 4) == [0, 1, 5, 10]


def test_images_without_labels_are_chosen_in_order():
    assert choose_images(np.zeros((5, 3), np.uint8), 2) == [0, 1]


def test_a_grid_has_a_titled_column_and_a_named_row_per_image():
    images = [[np.full((30, 40, 3), 10 * row + column, np.uint8) for column in range(3)] for row in range(2)]
    figure = image_grid(images, ["photo", "seed:\nCAM", "mask"], ["cat", "cow, dog"])
    assert len(figure.axes) == 6
    assert [axes.get_title() for axes in figure.axes[:3]] == ["photo", "seed:\nCAM", "mask"]
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["cat", "cow, dog"]
    shown = [int(axes.get_images()[0].get_array()[0, 0, 0]) for axes in figure.axes]
    assert shown == [0, 1, 2, 10, 11, 12]


def test_images_of_a_grid_are_not_distorted():
    tall, flat = np.zeros((60, 40, 3), np.uint8), np.zeros((20, 40, 3), np.uint8)
    figure = image_grid([[tall, tall], [flat, flat]], ["a", "b"])
    figure.draw_without_rendering()
    for axes, ratio in zip(figure.axes, [1.5, 1.5, 0.5, 0.5], strict=True):
        box = axes.get_window_extent()
        assert box.height / box.width == pytest.approx(ratio, rel=0.01)
        assert box.width / figure.dpi == pytest.approx(1, abs=0.06)


def test_panels_name_their_classes_in_the_colours_of_the_masks():
    panel = Panel("(a)", [[GREY, GREY]], ["photo", "mask"])
    figure = image_panels([panel, panel], {1: "cat", 15: "person"})
    (legend,) = figure.subfigs[1].legends
    named = {
        text.get_text(): to_hex(patch.get_facecolor())
        for text, patch in zip(legend.get_texts(), legend.get_patches(), strict=True)
    }
    assert named == {"cat": "#800000", "person": "#c08080", "void": "#ffffff"}
    assert [part.get_suptitle() for part in figure.subfigs[0].subfigs] == ["(a)", "(a)"]


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


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    """A dozen drawn scenes with true masks as predictions, and seeds that are these masks, too."""
    root = tmp_path_factory.mktemp("steps")
    class_names = make_voc_folder(root / "voc", train=12, val=6)
    (root / "data").mkdir()
    prepare_voc_layout(root / "voc", root / "data", class_names)
    dataset = PreparedDataset(root / "data")
    for image_id in dataset.split("train"):
        mask = dataset.mask(image_id)
        classes = np.flatnonzero(dataset.labels([image_id])[0]) + 1
        write_seed(root / "seeds" / f"{image_id}.npz", classes, mask == classes[:, None, None], mask.shape)
    write_json(root / "seed_metrics.json", {"threshold": 0.5})
    return root


def test_the_overview_has_a_column_per_experiment(steps):
    masks = steps / "data/masks"
    sizes = {}
    for name, seeds in (("one", ["USAGE"]), ("two", ["CAM", "USAGE"])):
        draw_overview(
            load_parameters(REPOSITORY / "params.yaml", "mini", "main"),
            data=steps / "data",
            seeds=[f"{label}={steps / 'seeds'}" for label in seeds],
            seed_metrics=steps / "seed_metrics.json",
            masks=masks,
            predictions=[f"USAGE={masks}"],
            images=3,
            out=steps / f"{name}.png",
        )
        sizes[name] = Image.open(steps / f"{name}.png").size
    assert sizes["two"][0] - sizes["one"][0] == pytest.approx(160, abs=1)  # a column: an inch of 160 pixels
    assert sizes["two"][1] == sizes["one"][1] > 3 * 160


def test_the_overview_names_a_missing_mask(steps):
    with pytest.raises(InputError, match="nowhere/train_.*no such file"):
        draw_overview(
            load_parameters(REPOSITORY / "params.yaml", "mini", "main"),
            data=steps / "data",
            seeds=[f"USAGE={steps / 'seeds'}"],
            seed_metrics=steps / "seed_metrics.json",
            masks=steps / "nowhere",
            predictions=[f"USAGE={steps / 'data/masks'}"],
            images=2,
            out=steps / "missing.png",
        )
    assert not (steps / "missing.png").exists()


def test_a_stage_takes_several_labelled_paths_and_numbers(monkeypatch):
    seen = {}

    def run(parameters, *, seeds: list[str], images: int = 6, masks: Path | None = None, split: str, out: Path):
        seen.update(seeds=seeds, images=images, masks=masks, split=split, out=out)

    params = ["--dataset", "mini", "--params", str(REPOSITORY / "params.yaml")]
    options = ["--seeds", "CAM=a/tau1=1/b", "true masks=c", "--images", "3", "--split", "val", "--out", "x.png"]
    monkeypatch.setattr(sys, "argv", ["stage.py", *options, *params])
    monkeypatch.setattr(stage, "_use_threads", lambda threads: threads)
    stage.main(run, record=False)
    assert seen == {
        "seeds": ["CAM=a/tau1=1/b", "true masks=c"],
        "images": 3,
        "masks": None,
        "split": "val",
        "out": Path("x.png"),
    }


def test_the_first_equals_sign_ends_a_label():
    paths = stage.labelled_paths(["CAM=results/mini/tau1=0.5/seeds", "true masks=b"])
    assert paths == {"CAM": Path("results/mini/tau1=0.5/seeds"), "true masks": Path("b")}


@pytest.mark.parametrize("values", [["results/seeds"], ["=a"], ["CAM="], ["CAM=a", "CAM=b"]])
def test_a_path_without_its_own_label_is_refused(values):
    with pytest.raises(InputError, match="label"):
        stage.labelled_paths(values)


def _experiments(tmp_path, **seed):
    params = yaml.safe_load((REPOSITORY / "params.yaml").read_text())
    params["seed"].update(seed)
    compare = {
        "seeds": {"CAM": "mapping=cam,regularization=none"},
        "val": {"true": "segmentation.supervision=ground_truth"},
    }
    params["datasets"]["mini"]["compare"] = compare
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    return Experiments(tmp_path / "params.yaml")


def test_figures_show_main_after_other_seeds_and_before_other_predictions(tmp_path):
    experiments = _experiments(tmp_path, mapping="cm", regularization="aa")
    assert list(experiments.shown_products("extract_seed", "seeds", "mini").items()) == [
        ("CAM", "results/mini/mapping=cam,regularization=none/seeds"),
        ("USAGE", "results/mini/main/seeds"),
    ]
    assert list(experiments.shown("val", "mini")) == ["USAGE", "true"]


def test_main_is_not_labelled_usage_when_its_parameters_are_others(tmp_path):
    experiments = _experiments(tmp_path, mapping="mil", regularization="none")
    assert list(experiments.shown("val", "mini")) == ["main", "true"]
