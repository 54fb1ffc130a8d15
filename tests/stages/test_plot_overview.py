"""The overview: what it shows, of which experiments, in which order."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from voc_folder import make_voc_folder

from stages.plot_overview import run as draw_overview
from wsss.config import load_parameters
from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import write_json
from wsss.seed.seed_file import write_seed
from wsss.workflow import Experiments

REPOSITORY = Path(__file__).parent.parent


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
