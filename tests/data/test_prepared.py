"""The prepared form: what the reader gives back, and what it refuses."""

from __future__ import annotations

import pickle
import shutil

import numpy as np
import pytest
from PIL import Image
from voc_folder import make_voc_folder

from wsss.data.layouts.mini import prepare_mini
from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.mini.scene import CLASSES, draw_scene
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import voc_palette, whole_directory


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "mini"
    with whole_directory(root) as part:
        prepare_mini(part, random_seed=3, counts={"train": 8, "val": 4}, size=48)
    return PreparedDataset(root)


def prepared_voc(tmp_path, classes=CLASSES) -> PreparedDataset:
    with whole_directory(tmp_path / "mine") as part:
        prepare_voc_layout(tmp_path / "voc", part, classes)
    return PreparedDataset(tmp_path / "mine")


def test_masks_are_palette_images_in_vocs_colours(mini):
    with Image.open(mini.mask_path("train_00000")) as image:
        assert image.mode == "P"
        assert np.array_equal(np.array(image.getpalette()[:21]).reshape(7, 3), voc_palette()[:7])


def test_images_with_and_without_a_class_are_told_apart_in_their_order(mini, tmp_path):
    shutil.copytree(mini.root, tmp_path / "data")
    nothing = {"train_00001", "train_00006"}
    names = {row.partition(",")[0]: row for row in (tmp_path / "data/labels.csv").read_text().splitlines()}
    rows = [f"{name},{','.join('0' * 6)}" if name in nothing else row for name, row in names.items()]
    (tmp_path / "data/labels.csv").write_text("\n".join([*rows, ""]))
    dataset, ids = PreparedDataset(tmp_path / "data"), mini.split("train")
    assert dataset.by_label(ids) == ([name for name in ids if name not in nothing], sorted(nothing))
    assert mini.by_label(ids) == (ids, [])
    assert mini.by_label([*ids, "stranger"]) == ([*ids, "stranger"], [])  # whose label nobody knows


def test_labels_come_in_the_order_asked_for(mini):
    ids = mini.split("train")
    table = mini.labels(ids)
    assert table.dtype == np.uint8 and table.shape == (8, 6)
    assert np.array_equal(mini.labels(ids[::-1]), table[::-1])


def test_labels_of_no_image_are_an_empty_table(mini):
    assert mini.labels([]).shape == (0, 6)


def test_id_without_labels_is_refused(mini):
    with pytest.raises(InputError, match="no image-level labels for 'elsewhere'"):
        mini.labels(["train_00000", "elsewhere"])


def test_unknown_split_is_refused_with_the_nearest(mini):
    with pytest.raises(InputError, match="did you mean 'train'"):
        mini.split("trian")


def test_unknown_image_and_mask_are_refused(mini):
    with pytest.raises(InputError, match="no image with id 'x'"):
        mini.image("x")
    with pytest.raises(InputError, match="no mask for 'x'"):
        mini.mask("x")


def test_folder_that_is_no_prepared_data_set_is_refused(tmp_path):
    with pytest.raises(InputError, match="not a prepared data set"):
        PreparedDataset(tmp_path)


def test_broken_label_row_is_refused(mini, tmp_path):
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    (tmp_path / "labels.csv").write_text("id,cat,dog\na,1,0\nb,1\n")
    with pytest.raises(InputError, match="row 'b' is not a 0 or 1 for each class"):
        PreparedDataset(tmp_path).labels(["a"])


def test_image_size_is_read_from_the_header_alone(tmp_path):
    classes = make_voc_folder(tmp_path / "voc", train=1, val=1, test=0)
    photo = tmp_path / "voc/JPEGImages/train_0000.jpg"
    Image.fromarray(draw_scene(0, "train", 0, size=60)[0][:40]).save(photo)
    (tmp_path / "voc/SegmentationClass/train_0000.png").unlink()
    data = prepared_voc(tmp_path, classes)
    photo.write_bytes(photo.read_bytes()[:-100])
    assert data.image_size("train_0000") == (40, 60)
    with pytest.raises(InputError, match="does not decode"):
        data.image("train_0000")


def test_a_worker_process_reads_the_tables_once(mini):
    one, other = (pickle.loads(pickle.dumps(mini)) for _ in range(2))
    assert one is other and one.labels(["train_00001"]).tolist() == mini.labels(["train_00001"]).tolist()
