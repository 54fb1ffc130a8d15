"""Folders in VOC layout: what is read from them, and what is refused with which message."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image
from voc_folder import make_voc_folder, write_annotation

from wsss.data.layouts.voc import VOC_CLASSES, prepare_voc_layout, read_voc_layout
from wsss.data.layouts.voc_annotation import read_annotation
from wsss.errors import InputError
from wsss.files import write_mask


@pytest.fixture
def voc(tmp_path):
    root = tmp_path / "voc"
    make_voc_folder(root)
    return root


def refusal(root, tmp_path, classes=("star", "target", "cross", "flower", "checker", "triangle")) -> str:
    """Prepare a folder that is wrong and return what the user is told."""
    out = tmp_path / "prepared"
    out.mkdir()
    with pytest.raises(InputError) as error:
        prepare_voc_layout(root, out, classes)
    assert "\n" not in str(error.value)
    return str(error.value)


def split_file(root, split):
    return root / "ImageSets/Segmentation" / f"{split}.txt"


def test_reads_splits_photos_masks_and_labels(voc):
    layout = read_voc_layout(voc, ["star", "target", "cross", "flower", "checker", "triangle"])
    assert {split: len(ids) for split, ids in layout.splits.items()} == {"train": 6, "val": 3, "test": 2}
    assert len(layout.photos) == 11
    assert set(layout.masks) == {*layout.splits["train"], *layout.splits["val"]}
    assert set(layout.labels) == {*layout.splits["train"], *layout.splits["val"]}


def test_classes_are_vocs_own_twenty_in_vocs_order_by_default(tmp_path):
    write_annotation(tmp_path / "a.xml", ["person", "aeroplane", "person"])
    assert len(VOC_CLASSES) == 20
    assert np.flatnonzero(read_annotation(tmp_path / "a.xml", VOC_CLASSES)).tolist() == [0, 14]


def test_test_split_is_optional(tmp_path):
    classes = make_voc_folder(tmp_path / "voc", test=0)
    assert set(read_voc_layout(tmp_path / "voc", classes).splits) == {"train", "val"}


def test_annotations_of_the_test_split_are_not_read(voc):
    (voc / "Annotations/test_0000.xml").write_text("not xml")
    assert "test_0000" not in read_voc_layout(voc, ["star", "target", "cross", "flower", "checker", "triangle"]).labels


def test_image_without_objects_stays_in_with_all_labels_zero(voc):
    write_annotation(voc / "Annotations/train_0002.xml", [])
    layout = read_voc_layout(voc, ["star", "target", "cross", "flower", "checker", "triangle"])
    assert "train_0002" in layout.splits["train"]
    assert not layout.labels["train_0002"].any()


def test_unknown_object_name_is_refused_with_the_nearest_class(voc, tmp_path):
    write_annotation(voc / "Annotations/train_0001.xml", ["flowr"])
    message = refusal(voc, tmp_path)
    assert "train_0001.xml" in message and "'flowr'" in message and "did you mean 'flower'" in message


def test_object_without_a_name_is_refused(voc, tmp_path):
    (voc / "Annotations/train_0001.xml").write_text("<annotation><object/></annotation>")
    assert "train_0001.xml: an <object> has no <name>" in refusal(voc, tmp_path)


def test_annotation_that_does_not_parse_is_refused(voc, tmp_path):
    (voc / "Annotations/train_0001.xml").write_text("<annotation><object>")
    assert "train_0001.xml: does not parse as XML" in refusal(voc, tmp_path)


def test_train_image_without_annotation_is_refused(voc, tmp_path):
    (voc / "Annotations/train_0003.xml").unlink()
    message = refusal(voc, tmp_path)
    assert "no annotation" in message and "train_0003" in message


def test_id_without_a_photo_is_refused(voc, tmp_path):
    (voc / "JPEGImages/test_0001.jpg").unlink()
    message = refusal(voc, tmp_path)
    assert "no photo" in message and "test_0001" in message and "test.txt" in message


def test_val_image_without_mask_stays_in(voc):
    (voc / "SegmentationClass/val_0001.png").unlink()
    layout = read_voc_layout(voc, ["star", "target", "cross", "flower", "checker", "triangle"])
    assert "val_0001" in layout.splits["val"] and "val_0001" not in layout.masks and "val_0000" in layout.masks


def test_val_without_any_masks_is_refused(voc, tmp_path):
    for path in (voc / "SegmentationClass").iterdir():
        path.unlink()
    (voc / "SegmentationClass").rmdir()
    assert "no mask (.png) for val_0000, val_0001, val_0002" in refusal(voc, tmp_path)


def test_many_missing_files_are_named_in_part_and_counted(tmp_path):
    classes = make_voc_folder(tmp_path / "voc", train=17, val=1, test=0, size=24)
    for path in (tmp_path / "voc/Annotations").glob("train_*.xml"):
        path.unlink()
    message = refusal(tmp_path / "voc", tmp_path, classes)
    assert "train_0000, train_0001, train_0002, train_0003, train_0004 and 12 more" in message


@pytest.mark.parametrize("split", ["train", "val"])
def test_missing_split_is_refused(voc, tmp_path, split):
    split_file(voc, split).unlink()
    assert re.search(rf"{split}\.txt: no such file", refusal(voc, tmp_path))


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_empty_split_is_refused(voc, tmp_path, split):
    split_file(voc, split).write_text("\n")
    assert re.search(rf"{split}\.txt: lists no image", refusal(voc, tmp_path))


def test_id_listed_twice_is_refused(voc, tmp_path):
    split_file(voc, "val").write_text("val_0000\nval_0001\nval_0000\n")
    assert "val.txt: listed more than once: val_0000" in refusal(voc, tmp_path)


def test_folder_above_the_right_one_is_refused_with_the_right_one(voc, tmp_path):
    assert f"did you mean {voc}?" in refusal(voc.parent, tmp_path)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([], "0 names given"),
        (["background", "star"], "leave 'background' out"),
        (["star", "star"], "'star' is listed twice"),
        ([f"class {number}" for number in range(255)], "255 names given"),
        (["star", " "], "is not a class name"),
    ],
)
def test_impossible_class_list_is_refused(voc, tmp_path, classes, message):
    assert message in refusal(voc, tmp_path, classes)


def test_photo_that_does_not_decode_is_refused(voc, tmp_path):
    (voc / "JPEGImages/train_0004.jpg").write_bytes(b"not a photo")
    message = refusal(voc, tmp_path)
    assert "train_0004.jpg: does not decode" in message


def test_photo_cut_short_is_refused_although_its_header_is_fine(voc, tmp_path):
    photo = voc / "JPEGImages/test_0000.jpg"
    photo.write_bytes(photo.read_bytes()[:-400])
    with Image.open(photo) as image:
        assert image.size == (48, 48)
    assert "test_0000.jpg: does not decode" in refusal(voc, tmp_path)


def test_several_bad_files_are_told_in_one_message(voc, tmp_path):
    for name in ("train_0001", "val_0000", "test_0001"):
        (voc / "JPEGImages" / f"{name}.jpg").write_bytes(b"")
    message = refusal(voc, tmp_path)
    assert "train_0001.jpg: does not decode" in message and "(wrong too: val_0000, test_0001)" in message


def test_mask_of_another_size_than_its_photo_is_refused(voc, tmp_path):
    write_mask(voc / "SegmentationClass/val_0002.png", np.zeros((48, 40), np.uint8))
    message = refusal(voc, tmp_path)
    assert "val_0002.png: is 40x48 but its photo val_0002.jpg is 48x48" in message


def test_mask_with_a_class_number_that_does_not_exist_is_refused(voc, tmp_path):
    write_mask(voc / "SegmentationClass/train_0000.png", np.full((48, 48), 7))
    message = refusal(voc, tmp_path)
    assert "train_0000.png: holds class number 7, there are 6 classes" in message


def test_rgb_mask_is_refused(voc, tmp_path):
    Image.new("RGB", (48, 48)).save(voc / "SegmentationClass/val_0000.png")
    message = refusal(voc, tmp_path)
    assert "val_0000.png" in message and "RGB" in message


def test_every_list_is_a_split_in_any_form_of_the_field(voc):
    (voc / "ImageSets/Segmentation/train_aug.txt").write_text(
        "/JPEGImages/train_0001.jpg /SegmentationClassAug/train_0001.png\ntrain_0002.jpg\n"
    )
    classes = ["star", "target", "cross", "flower", "checker", "triangle"]
    layout = read_voc_layout(voc, classes, labelled=["train_aug"], measured=[])
    assert layout.splits["train_aug"] == ["train_0001", "train_0002"]
    (voc / "ImageSets/Segmentation/val.txt").unlink()
    assert "val" not in read_voc_layout(voc, classes, measured=[]).splits


def test_masks_of_segmentation_class_aug_are_taken_where_there_is_no_other(voc):
    (voc / "SegmentationClassAug").mkdir()
    for name in ("train_0000", "val_0000"):
        write_mask(voc / "SegmentationClassAug" / f"{name}.png", np.zeros((48, 48), np.uint8))
    (voc / "SegmentationClass/train_0000.png").unlink()
    masks = read_voc_layout(voc, ["star", "target", "cross", "flower", "checker", "triangle"]).masks
    assert masks["train_0000"].parent.name == "SegmentationClassAug"
    assert masks["val_0000"].parent.name == "SegmentationClass"


def test_a_misspelt_list_is_refused_with_the_nearest(voc, tmp_path):
    out = tmp_path / "prepared"
    out.mkdir()
    with pytest.raises(InputError, match=r"trian.txt: no such file.*did you mean 'train'"):
        prepare_voc_layout(voc, out, labelled=["trian"])
