"""The overview: what it shows, and what it refuses."""

import numpy as np
import pytest
from paths import REPOSITORY
from PIL import Image
from voc_folder import make_voc_folder

from stages.plot_overview import run as draw_overview
from wsss.config import load_parameters
from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import write_json
from wsss.seed.seed_file import write_seed


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


def test_masks_that_were_not_made_of_seeds_are_shown_without_any(steps):
    draw_overview(
        load_parameters(REPOSITORY / "params.yaml", "mini", "main"),
        data=steps / "data",
        masks=steps / "data/masks",
        predictions=[f"USAGE={steps / 'data/masks'}"],
        images=2,
        out=steps / "masks.png",
    )
    assert Image.open(steps / "masks.png").size[1] > 2 * 160


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


def of_ids(steps, ids: str):
    draw_overview(
        load_parameters(REPOSITORY / "params.yaml", "mini", "main"),
        data=steps / "data",
        seeds=[f"USAGE={steps / 'seeds'}"],
        seed_metrics=steps / "seed_metrics.json",
        masks=steps / "data/masks",
        predictions=[f"USAGE={steps / 'data/masks'}"],
        ids=ids,
        out=steps / "ids.png",
    )
    return Image.open(steps / "ids.png").size


def test_chosen_images_stand_where_they_belong(steps):
    dataset = PreparedDataset(steps / "data")
    (one, two), (other, *_) = dataset.split("train")[-2:], dataset.split("val")
    width, height = of_ids(steps, f"{one}+{other}")
    assert of_ids(steps, f"{one}+{two}+{other}") == (width, pytest.approx(height + 160, abs=12))
    assert of_ids(steps, other)[0] < of_ids(steps, one)[0] < width  # one panel alone


def test_an_image_that_is_in_neither_split_is_refused(steps):
    known = PreparedDataset(steps / "data").split("train")[0]
    with pytest.raises(InputError, match=f"{known}x: not in train or val; did you mean"):
        of_ids(steps, f"{known}x")
