"""VOC 2012 and SBD from folders laid out like the real ones."""

import numpy as np
import pytest
from PIL import Image
from real_layouts import (
    SBD_TRAIN,
    TRAIN_AUG,
    VOC_COUNTS,
    VOC_TEST,
    VOC_TRAIN,
    VOC_VAL,
    sbd,
    scene,
    voc_own_mask,
    voc_test,
    voc_trainval,
)

from wsss.data.layouts.voc2012 import prepare_voc2012, read_sbd_mask
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError


def write(files, root):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


@pytest.fixture
def roots(tmp_path):
    """The three archives, each unpacked into a folder of its own."""
    return [
        write(voc_trainval(), tmp_path / "trainval"),
        write(voc_test(), tmp_path / "test"),
        write(sbd(), tmp_path / "sbd"),
    ]


def prepared(roots, tmp_path, counts=VOC_COUNTS):
    out = tmp_path / "prepared"
    out.mkdir()
    prepare_voc2012(roots, out, counts)
    return PreparedDataset(out)


def refusal(roots, tmp_path, counts=VOC_COUNTS):
    with pytest.raises(InputError) as error:
        prepared(roots, tmp_path, counts)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_training_list_is_sbd_and_voc_train_without_voc_val(roots, tmp_path):
    data = prepared(roots, tmp_path)
    assert data.split("train_aug") == TRAIN_AUG
    assert "2008_000021" in SBD_TRAIN and "2008_000021" not in data.split("train_aug")
    assert (data.split("train"), data.split("val"), data.split("test")) == (VOC_TRAIN, VOC_VAL, VOC_TEST)


def test_sbd_masks_come_from_the_mat_files(roots, tmp_path):
    data = prepared(roots, tmp_path)
    for name in ("2009_000001", "2010_000001"):
        assert np.array_equal(data.mask(name), scene(name)[1])
    assert data.has_masks("train_aug") and data.has_masks("val") and not data.has_masks("test")


def test_vocs_own_mask_wins_over_sbds(roots, tmp_path):
    data = prepared(roots, tmp_path)
    for name in ("2008_000008", "2008_000021"):
        assert name in SBD_TRAIN
        assert np.array_equal(data.mask(name), voc_own_mask(name))


def test_labels_are_those_of_the_annotations_and_test_has_none(roots, tmp_path):
    data = prepared(roots, tmp_path)
    for name in data.split("train_aug"):
        numbers = np.unique(scene(name)[1])
        assert np.flatnonzero(data.labels([name])[0]).tolist() == [number - 1 for number in numbers if number]
    assert len(data.classes) == 20 and not data.has_labels("test")


def test_photos_are_links(roots, tmp_path):
    data = prepared(roots, tmp_path)
    assert all(path.is_symlink() for path in (data.root / "images").iterdir())
    assert len(list((data.root / "images").iterdir())) == 10


def test_one_folder_with_all_of_it_will_do(tmp_path):
    root = tmp_path / "all"
    for files in (voc_trainval(), voc_test(), sbd()):
        write(files, root)
    assert prepared([root], tmp_path).split("train_aug") == TRAIN_AUG


def test_without_counts_voc_alone_will_do(roots, tmp_path):
    data = prepared(roots[:1], tmp_path, None)
    assert data.split("train_aug") == sorted(VOC_TRAIN) and "test" not in data.split_names


def test_a_wrong_count_is_refused_with_both_numbers(roots, tmp_path):
    message = refusal(roots, tmp_path, VOC_COUNTS | {"train_aug": 10582})
    assert "'train_aug' has 6 images instead of 10582" in message and "counts: null" in message


@pytest.mark.parametrize(("missing", "message"), [(1, "'test' has 0 images"), (2, "'train_aug' has 3 images")])
def test_a_missing_archive_shows_in_the_counts(roots, tmp_path, missing, message):
    assert message in refusal([root for index, root in enumerate(roots) if index != missing], tmp_path)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("JPEGImages/2009_000001.jpg", "no photo (JPEGImages/*.jpg) for 2009_000001"),
        ("Annotations/2009_000002.xml", "no annotation (Annotations/*.xml) for 2009_000002"),
        ("SegmentationClass/2007_000033.png", "no mask (SegmentationClass/*.png) for 2007_000033"),
        ("ImageSets/Segmentation/val.txt", "val.txt: no such file"),
    ],
)
def test_a_missing_file_is_named(roots, tmp_path, file, message):
    (roots[0] / "VOCdevkit/VOC2012" / file).unlink()
    assert message in refusal(roots, tmp_path)


def test_a_broken_mat_file_is_named(roots, tmp_path):
    (roots[2] / "benchmark_RELEASE/dataset/cls/2009_000001.mat").write_bytes(b"MATLAB 5.0, or so it says")
    assert "2009_000001.mat: not a class mask of SBD" in refusal(roots, tmp_path)


def test_a_mat_file_of_instances_is_refused(tmp_path):
    import scipy.io

    scipy.io.savemat(tmp_path / "a.mat", {"GTinst": {"Segmentation": np.zeros((2, 2), np.uint8)}})
    with pytest.raises(InputError, match="not a class mask of SBD"):
        read_sbd_mask(tmp_path / "a.mat")


def test_an_image_in_train_and_val_is_refused(roots, tmp_path):
    path = roots[0] / "VOCdevkit/VOC2012/ImageSets/Segmentation/train.txt"
    path.write_text(path.read_text() + "2007_000033\n")
    assert "in train.txt and in val.txt: 2007_000033" in refusal(roots, tmp_path, None)


def test_a_folder_without_voc_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "no folder JPEGImages" in refusal([tmp_path / "empty"], tmp_path)


def foreign_photos(root, names):
    for name in names:
        Image.fromarray(np.zeros((30, 70, 3), np.uint8)).save(root / f"VOCdevkit/VOC2012/JPEGImages/{name}.jpg")


def test_foreign_photos_under_the_right_names_are_refused_by_their_sizes(roots, tmp_path):
    # of images without a mask yet, as in a data set to be labelled: the annotation alone tells their size
    for name in ("2009_000001", "2009_000002", "2010_000001"):
        (roots[2] / f"benchmark_RELEASE/dataset/cls/{name}.mat").unlink()
    foreign_photos(roots[0], ["2009_000001", "2009_000002"])
    message = refusal(roots, tmp_path)
    assert "2 of 8 photos are not as large as their annotations say (2009_000001, 2009_000002)" in message


def test_one_odd_size_in_the_annotations_is_only_told(roots, tmp_path, capsys):
    path = roots[0] / "VOCdevkit/VOC2012/Annotations/2009_000001.xml"
    path.write_text(path.read_text().replace("<width>48</width><height>40", "<width>40</width><height>48"))
    prepared(roots, tmp_path)
    assert "warning: " in capsys.readouterr().err


def with_list_in_the_place_of_sbd(roots):
    """VOC's trainval with the list and, as grey PNG files, the masks that circulate in SBD's place."""
    voc = roots[0] / "VOCdevkit/VOC2012"
    lines = [f"/JPEGImages/{name}.jpg /SegmentationClassAug/{name}.png\n" for name in TRAIN_AUG]
    (voc / "ImageSets/Segmentation/train_aug.txt").write_text("".join(lines))
    (voc / "SegmentationClassAug").mkdir()
    for name in TRAIN_AUG:
        Image.fromarray(scene(name)[1]).save(voc / "SegmentationClassAug" / f"{name}.png")
    return roots[:2]


def test_segmentation_class_aug_takes_the_place_of_sbd(roots, tmp_path):
    data = prepared(with_list_in_the_place_of_sbd(roots), tmp_path)
    assert data.split("train_aug") == TRAIN_AUG and data.has_masks("train_aug")
    assert np.array_equal(data.mask("2009_000001"), scene("2009_000001")[1])
    assert np.array_equal(data.mask("2008_000008"), voc_own_mask("2008_000008"))  # VOC's own wins


def test_the_list_alone_will_do_as_labels_are_vocs(roots, tmp_path):
    roots = with_list_in_the_place_of_sbd(roots)
    for path in (roots[0] / "VOCdevkit/VOC2012/SegmentationClassAug").iterdir():
        path.unlink()
    data = prepared(roots, tmp_path)
    assert data.split("train_aug") == TRAIN_AUG and data.has_labels("train_aug")
    assert data.masked("train_aug") == VOC_TRAIN


def test_a_list_that_leaks_val_or_repeats_an_image_is_refused(roots, tmp_path):
    roots = with_list_in_the_place_of_sbd(roots)
    path = roots[0] / "VOCdevkit/VOC2012/ImageSets/Segmentation/train_aug.txt"
    path.write_text(path.read_text() + "2007_000033.jpg\n")
    assert "in train_aug.txt and in val.txt: 2007_000033" in refusal(roots, tmp_path, None)
    path.write_text("2007_000032\n/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png\n")
    (tmp_path / "prepared").rmdir()
    assert "listed more than once: 2007_000032" in refusal(roots, tmp_path, None)
