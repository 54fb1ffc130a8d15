"""The prepared form: what the writers put there and the reader gives back."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from voc_folder import make_voc_folder, write_annotation

from wsss.data.layouts import writing as prepare
from wsss.data.layouts.mini import prepare_mini
from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.mini.scene import CLASSES, draw_scene
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import read_mask, voc_palette, whole_directory


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


def test_mini_files_are_the_scenes_drawn(mini):
    image, mask = draw_scene(3, "val", 2, size=48)
    assert np.array_equal(mini.image("val_00002"), image)
    assert np.array_equal(mini.mask("val_00002"), mask)


def test_mini_labels_say_which_classes_the_mask_holds(mini):
    ids = mini.split("train") + mini.split("val")
    expected = [[number in mini.mask(name) for number in range(1, len(CLASSES) + 1)] for name in ids]
    assert np.array_equal(mini.labels(ids), expected)


def test_mini_has_its_name_classes_splits_and_masks(mini):
    assert (mini.name, mini.classes, mini.split_names) == ("mini", CLASSES, ("train", "val"))
    assert len(mini.split("train")) == 8 and mini.has_masks("train") and mini.has_labels("val")


def test_mini_is_the_same_from_several_processes(tmp_path, monkeypatch):
    made = []
    for name, processes in (("one", 1), ("several", 2)):
        monkeypatch.setattr(prepare, "worth_processes", lambda *_, count=processes: count)
        (tmp_path / name).mkdir()
        prepare_mini(tmp_path / name, random_seed=0, counts={"train": 3, "val": 2}, size=24, threads=2)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        made.append({str(path.relative_to(tmp_path / name)): path.read_bytes() for path in files})
    assert len(made[0]) == 2 * 5 + 4
    assert made[0] == made[1]


def test_masks_are_palette_images_in_vocs_colours(mini):
    with Image.open(mini.mask_path("train_00000")) as image:
        assert image.mode == "P"
        assert np.array_equal(np.array(image.getpalette()[:21]).reshape(7, 3), voc_palette()[:7])


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


def test_photos_and_palette_masks_are_absolute_links_that_survive_the_rename(tmp_path, monkeypatch):
    make_voc_folder(tmp_path / "voc")
    monkeypatch.chdir(tmp_path)
    with whole_directory(Path("mine")) as part:
        prepare_voc_layout(Path("voc"), part, CLASSES)
    data = PreparedDataset(tmp_path / "mine")
    for path in (data.image_path("train_0000"), data.mask_path("val_0000")):
        assert path.is_symlink() and path.readlink().is_absolute() and path.is_file()
    assert data.image("train_0000").shape == (48, 48, 3)


def test_photo_keeps_its_suffix_in_small_letters(tmp_path):
    make_voc_folder(tmp_path / "voc")
    photos = tmp_path / "voc/JPEGImages"
    (photos / "val_0000.jpg").rename(photos / "val_0000.JPEG")
    assert prepared_voc(tmp_path).image_path("val_0000").name == "val_0000.jpeg"


def test_greyscale_mask_becomes_a_palette_mask_with_the_same_numbers(tmp_path):
    make_voc_folder(tmp_path / "voc")
    source = tmp_path / "voc/SegmentationClass/val_0001.png"
    numbers = read_mask(source).copy()
    numbers[:4] = 255
    Image.fromarray(numbers).save(source)
    data = prepared_voc(tmp_path)
    with Image.open(data.mask_path("val_0001")) as image:
        assert image.mode == "P"
    assert np.array_equal(data.mask("val_0001"), numbers)


def test_files_are_copied_where_links_are_impossible(tmp_path, monkeypatch):
    def no_links(*_):
        raise OSError("no symbolic links here")

    make_voc_folder(tmp_path / "voc")
    monkeypatch.setattr(Path, "symlink_to", no_links)
    data = prepared_voc(tmp_path)
    path = data.image_path("train_0000")
    assert not path.is_symlink()
    assert path.read_bytes() == (tmp_path / "voc/JPEGImages/train_0000.jpg").read_bytes()


def test_voc_labels_are_the_annotations_and_test_has_none(tmp_path):
    make_voc_folder(tmp_path / "voc")
    write_annotation(tmp_path / "voc/Annotations/train_0000.xml", ["star", "triangle", "star"])
    data = prepared_voc(tmp_path)
    assert data.labels(["train_0000"]).tolist() == [[1, 0, 0, 0, 0, 1]]
    assert data.has_labels("train") and data.has_labels("val") and not data.has_labels("test")


def test_train_needs_no_masks_and_test_neither(tmp_path):
    make_voc_folder(tmp_path / "voc", train_masks=False)
    data = prepared_voc(tmp_path)
    assert {split: data.has_masks(split) for split in data.split_names} == {"train": False, "val": True, "test": False}


def test_masks_of_test_are_taken_where_they_exist(tmp_path):
    make_voc_folder(tmp_path / "voc", test_masks=True)
    assert prepared_voc(tmp_path).has_masks("test")


def test_class_and_image_names_with_commas_and_blanks_come_back(tmp_path):
    make_voc_folder(tmp_path / "voc", train=1, val=1, test=0)
    for folder, suffix in (("JPEGImages", "jpg"), ("SegmentationClass", "png")):
        path = tmp_path / "voc" / folder / f"train_0000.{suffix}"
        path.rename(path.with_name(f'my "first", photo.{suffix}'))
    classes = ("potted plant", "cup, mug", *CLASSES[2:])
    write_annotation(tmp_path / 'voc/Annotations/my "first", photo.xml', ["cup, mug"])
    write_annotation(tmp_path / "voc/Annotations/val_0000.xml", [])
    (tmp_path / "voc/ImageSets/Segmentation/train.txt").write_text('my "first", photo\n')
    data = prepared_voc(tmp_path, classes)
    assert data.classes == classes
    assert data.labels(data.split("train")).tolist() == [[0, 1, 0, 0, 0, 0]]


def test_a_worker_process_reads_the_tables_once(mini):
    one, other = (pickle.loads(pickle.dumps(mini)) for _ in range(2))
    assert one is other and one.labels(["train_00001"]).tolist() == mini.labels(["train_00001"]).tolist()
