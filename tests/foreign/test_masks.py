"""Foreign masks of a data set: numbering over a whole folder, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from small import write_dataset

from wsss.errors import InputError
from wsss.files import voc_palette
from wsss.foreign.masks import masks_numbering, read_foreign_mask, read_values
from wsss.foreign.numbering import BACKGROUND_IS_ONE, FROM_ONE, FROM_ZERO, table_of


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


IDS = ["i0", "i1", "i2"]


@pytest.fixture
def data(tmp_path):
    return write_dataset(tmp_path / "data", images=3)


def written(data, folder, numbering, change=None):
    folder.mkdir()
    stored = {int(meant): value for value, meant in reversed(list(enumerate(table_of(numbering))))}
    for name in IDS:
        values = np.vectorize(stored.get)(data.mask(name) if change is None else change).astype(np.uint8)
        Image.fromarray(values).save(folder / f"{name}.png")
    return folder


@pytest.mark.parametrize("numbering", [FROM_ONE, BACKGROUND_IS_ONE])
def test_labels_tell_the_numbering_of_a_folder_and_its_masks_are_those_written(data, tmp_path, numbering):
    folder = written(data, tmp_path / "masks", numbering)
    assert masks_numbering(data, folder, IDS, None, 1) == numbering
    for name in IDS:
        found = read_foreign_mask(folder / f"{name}.png", data.classes_of(name), (32, 40), numbering)
        assert np.array_equal(found, data.mask(name))


def test_what_labels_do_not_tell_is_asked_for(data, tmp_path):
    folder = written(data, tmp_path / "masks", FROM_ONE, np.zeros((32, 40), np.uint8))
    message = refusal(masks_numbering, data, folder, IDS[:1], None, 1)
    assert message.startswith(f"{folder}: ") and f"{FROM_ONE} or {FROM_ZERO} or {BACKGROUND_IS_ONE}" in message
    assert masks_numbering(data, folder, IDS, FROM_ONE, 1) == FROM_ONE


def test_a_class_beside_the_labels_is_refused_with_its_file(data, tmp_path):
    folder = written(data, tmp_path / "masks", FROM_ONE, data.mask("i1"))
    for given in (None, FROM_ONE):
        message = refusal(masks_numbering, data, folder, IDS, given, 1)
        assert message.startswith(f"{folder}/i0.png: it holds the classes [2]") and "labelled [1]" in message


def test_a_missing_file_another_size_and_another_colour_are_refused(tmp_path):
    path = tmp_path / "a.png"
    assert "no such file" in refusal(read_values, path, (4, 5))
    Image.fromarray(voc_palette()[np.zeros((4, 6), np.uint8)]).save(path)
    assert "another photo" in refusal(read_values, path, (4, 5))
    Image.new("RGB", (5, 4), (1, 2, 3)).save(path)
    assert "(1, 2, 3)" in refusal(read_values, path, (4, 5))
    Image.new("RGBA", (5, 4)).save(path)
    assert "RGBA" in refusal(read_values, path, (4, 5))


def test_maps_without_a_background_are_no_mask(tmp_path):
    np.save(tmp_path / "a.npy", {1: np.zeros((4, 5), np.float32)}, allow_pickle=True)
    assert "are seeds, not a mask" in refusal(read_foreign_mask, tmp_path / "a.npy", [2], (4, 5), None)
