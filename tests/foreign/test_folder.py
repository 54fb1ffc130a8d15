"""A folder of another method's files, held against a data set."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from small import write_dataset

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.foreign.folder import DICTIONARY, PICTURE, open_folder

IDS = ["i0", "i1", "i2"]
SEEDS, MASKS = (DICTIONARY, PICTURE), (PICTURE, DICTIONARY)


@pytest.fixture
def data(tmp_path):
    return write_dataset(tmp_path / "data", images=3)


@pytest.fixture
def folder(data, tmp_path):
    """Seeds that are 0.5 everywhere, and masks that are the true ones, in one folder."""
    (tmp_path / "foreign").mkdir()
    for name in IDS:
        seed = {number - 1: np.full((32, 40), 0.5, np.float32) for number in data.classes_of(name)}
        np.save(tmp_path / f"foreign/{name}.npy", seed, allow_pickle=True)
        Image.fromarray(data.mask(name)).save(tmp_path / f"foreign/{name}.png")
    return tmp_path / "foreign"


def refusal(*arguments) -> str:
    with pytest.raises(InputError) as error:
        open_folder(*arguments)
    return str(error.value)


def test_dictionaries_are_seeds_pictures_are_masks_and_a_folder_of_both_is_either(data, folder):
    seeds, masks = (open_folder(data, folder, IDS, suffixes, None, 1) for suffixes in (SEEDS, MASKS))
    for name in IDS:
        classes, maps = seeds.seed(name)
        assert classes.tolist() == data.classes_of(name) and (maps == 0.5).all()
        assert np.array_equal(masks.mask(name), data.mask(name))


def test_a_mask_as_a_seed_is_one_within_it_and_zero_elsewhere(data, folder):
    for path in folder.glob("*.npy"):
        path.unlink()
    seeds = open_folder(data, folder, IDS, SEEDS, None, 1)
    for name in IDS:
        classes, maps = seeds.seed(name)
        assert classes.tolist() == data.classes_of(name)
        assert np.array_equal(maps[0], data.mask(name) == classes[0])


def test_files_that_are_missing_are_counted_and_named(data, folder):
    for name in ("i1", "i2"):
        (folder / f"{name}.npy").unlink()
    message = refusal(data, folder, IDS, SEEDS, None, 1)
    assert message.startswith(f"{folder}: 2 of 3 images have no .npy file: i1, i2; add them")
    assert "has no file of any of the 3 images of data, such as i0.npy or i0.png" in refusal(
        data, data.root / "splits", IDS, SEEDS, None, 1
    )
    assert refusal(data, folder / "nowhere", IDS, SEEDS, None, 1) == f"{folder / 'nowhere'}: no such folder"


def test_an_image_without_a_class_needs_no_file(data, folder):
    labels = data.root / "labels.csv"
    labels.write_text(labels.read_text().replace("i1,0,1,0", "i1,0,0,0"))
    again = PreparedDataset(data.root)
    for path in folder.glob("i1.*"):
        path.unlink()
    classes, maps = open_folder(again, folder, IDS, SEEDS, None, 1).seed("i1")
    assert len(classes) == 0 and maps.shape == (0, 32, 40)
    assert not open_folder(again, folder, IDS, MASKS, None, 1).mask("i1").any()


def test_a_numbering_that_the_labels_do_not_tell_is_asked_for_with_the_line_to_write(data, folder):
    for name in IDS:
        Image.fromarray(np.zeros((32, 40), np.uint8)).save(folder / f"{name}.png")
    message = refusal(data, folder, IDS, MASKS, None, 1)
    assert f"foreign: {{ NAME: {{ folder: {folder}, numbering: class_from_one }} }}" in message
    assert not open_folder(data, folder, IDS, MASKS, "class_from_one", 1).mask("i0").any()
