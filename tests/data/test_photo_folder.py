"""Photos found by whatever name a table or list gives them."""

import pytest
from PIL import Image

from wsss.data.labelled_photos import match_labels
from wsss.data.labels import PhotoLabels
from wsss.data.photo_folder import PhotoFolder
from wsss.errors import InputError


def folder_of(root, *names, without=()):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(root / name)
    return PhotoFolder(root, without)


@pytest.mark.parametrize(
    "given",
    [
        "2007_000032",
        "2007_000032.jpg",
        "./2007_000032.jpg",
        "/JPEGImages/2007_000032.jpg",
        "C:\\x\\2007_000032",
        2007000032,
    ],
)
def test_a_photo_is_found_by_any_of_its_names(tmp_path, given):
    assert folder_of(tmp_path, "2007_000032.jpg", "2007_000033.JPG").id_of(given) == "2007_000032"


def test_cocos_number_is_the_last_part(tmp_path):
    assert folder_of(tmp_path, "COCO_train2014_000000000009.jpg").id_of(9) == "COCO_train2014_000000000009"


def test_photos_in_folders_have_ids_with_their_folders(tmp_path):
    folder = folder_of(tmp_path, "cat/1.jpg", "dog/1.jpg", "dog/2.jpg")
    assert list(folder.photos) == ["cat_1", "dog_1", "dog_2"]
    assert folder.id_of("dog/1.jpg") == "dog_1" and folder.id_of("2.jpg") == "dog_2"
    with pytest.raises(InputError, match=r"1.jpg: may be .*cat/1.jpg, .*dog/1.jpg"):
        folder.id_of("1.jpg")


def test_a_path_is_never_taken_for_a_photo_in_another_folder(tmp_path):
    folder = folder_of(tmp_path, "train/1.jpg")
    assert folder.id_of("val/1.jpg") is None
    assert folder.id_of("photos/train/1.jpg") == "train_1"


def test_masks_below_the_photos_are_no_photos(tmp_path):
    folder = folder_of(tmp_path, "1.jpg", "masks/1.png", ".thumbnails/1.jpg", without=[tmp_path / "masks"])
    assert list(folder.photos) == ["1"]


def test_two_photos_of_one_id_are_refused(tmp_path):
    with pytest.raises(InputError, match="would have the same id"):
        folder_of(tmp_path, "1.jpg", "1.png")


def test_labels_and_photos_tell_what_is_missing_on_either_side(tmp_path):
    folder = folder_of(tmp_path, "1.jpg", "2.jpg", "3.jpg")
    given = PhotoLabels(tmp_path / "labels.csv", ("cat", "dog"), {"1.jpg": {"dog"}, "3": {"cat"}, "4.jpg": {"cat"}})
    found = match_labels(folder, given)
    assert {name: row.tolist() for name, row in found.labels.items()} == {"1": [0, 1], "3": [1, 0]}
    assert found.unlabelled == ["2"] and found.without_photo == ["4.jpg"]
    twice = PhotoLabels(tmp_path / "labels.csv", ("cat",), {"1.jpg": {"cat"}, "1": set()})
    with pytest.raises(InputError, match=r"labels.csv: 1.jpg and 1 both mean .*1.jpg"):
        match_labels(folder, twice)
