"""What the writers of the prepared form put there: links, masks, labels, names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from voc_folder import make_voc_folder, write_annotation

from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.mini.scene import CLASSES
from wsss.data.prepared import PreparedDataset
from wsss.files import read_mask, whole_directory


def prepared_voc(tmp_path, classes=CLASSES) -> PreparedDataset:
    with whole_directory(tmp_path / "mine") as part:
        prepare_voc_layout(tmp_path / "voc", part, classes)
    return PreparedDataset(tmp_path / "mine")


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
