"""Photos and a table of labels: what is made of them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from wsss.config.blocks import Data
from wsss.data.layouts.labels import draw, prepare
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import write_mask

STEPS = {"train": "train", "evaluate": None, "val": None, "test": None}
CLASSES = {"classes": ["cat", "dog"]}


@pytest.fixture
def root(tmp_path):
    """Ten photos, of which the last has no label; a cat in the even ones, a dog in the first five."""
    photos = tmp_path / "photos"
    photos.mkdir()
    rows = ["file,labels"]
    for number in range(10):
        Image.new("RGB", (8, 6), (number, 0, 0)).save(photos / f"{number}.jpg")
        names = [name for name, there in (("cat", number % 2 == 0), ("dog", number < 5)) if there]
        rows.append(f"{number}.jpg,{'|'.join(names)}")
    (photos / "labels.csv").write_text("\n".join(rows[:-1]))
    return photos


def prepared(root, **keys) -> PreparedDataset:
    out = root.parent / "prepared"
    out.mkdir()
    data = Data.model_validate({"layout": "labels", "root": str(root), "labels": "labels.csv", "splits": STEPS, **keys})
    prepare(data, [root], out, 1)
    return PreparedDataset(out)


def refusal(root, **keys) -> str:
    with pytest.raises(InputError) as error:
        prepared(root, **keys)
    return str(error.value)


def test_labelled_photos_are_trained_on_and_the_others_are_a_split_of_their_own(root):
    data = prepared(root)
    assert data.classes == ("cat", "dog")
    assert data.split("train") == [str(number) for number in range(9)] and data.split("unlabelled") == ["9"]
    assert data.labels(["0", "1", "5"]).tolist() == [[1, 1], [0, 1], [0, 0]]
    assert data.image_path("3").is_symlink() and not data.masked("train") and not data.knows_labels("9")


def test_a_split_is_drawn_the_same_for_a_random_seed(root):
    data = prepared(root, draw={"val": 0.3}, random_seed=1)
    assert len(data.split("val")) == 3 and sorted(data.split("train") + data.split("val")) == list("012345678")
    ids = [str(number) for number in range(100)]
    rest, drawn = draw(ids, 0.1, 0)
    assert len(drawn) == 10 and draw(ids, 0.1, 0) == (rest, drawn) != draw(ids, 0.1, 1)
    assert rest == [name for name in ids if name not in drawn]


def test_a_few_more_photos_move_few_others(root):
    ids = [str(number) for number in range(100)]
    before, after = (set(draw(some, 0.1, 0)[1]) for some in (ids, [*ids, "new"]))
    assert len(before - after) <= 1


def test_splits_are_listed_in_any_form_of_the_field(root):
    (root / "val.txt").write_text("/JPEGImages/1.jpg /SegmentationClassAug/1.png\n/JPEGImages/9.jpg\n")
    (root / "some.txt").write_text("3\n4.jpg\n")
    data = prepared(root, lists={"val": "val.txt", "some": "some.txt"})
    assert data.split("val") == ["1", "9"] and data.split("some") == ["3", "4"]
    assert data.split("train") == ["0", "2", "5", "6", "7", "8"]


def test_an_image_listed_by_two_of_its_names_is_refused(root):
    (root / "train.txt").write_text("1\n1.jpg\n")
    assert "train.txt: listed more than once: 1;" in refusal(root, lists={"train": "train.txt"})


def test_some_photos_may_have_true_masks(root):
    (root / "masks").mkdir()
    for number in (0, 3):
        write_mask(root / f"masks/{number}.png", np.full((6, 8), 2))
    data = prepared(root, masks="masks", **CLASSES)
    assert data.masked("train") == ["0", "3"] and (data.mask("0") == 2).all()


def test_masks_need_the_order_of_classes(root):
    with pytest.raises(ValueError, match="masks needs classes"):
        prepared(root, masks="masks")


def test_masks_of_no_photo_are_refused(root):
    (root / "masks").mkdir()
    write_mask(root / "masks/other.png", np.zeros((6, 8), np.uint8))
    assert "no photo below" in refusal(root, masks="masks", **CLASSES)


def test_a_few_labels_without_photos_are_told_and_many_are_refused(root, capsys):
    table = root / "labels.csv"
    table.write_text(table.read_text() + "".join(f"\n{number}.jpg,cat" for number in range(9, 40)))
    assert "no photo for 10.jpg, 11.jpg" in refusal(root)
    (root.parent / "prepared").rmdir()
    for number in range(10, 39):
        Image.new("RGB", (8, 6)).save(root / f"{number}.jpg")
    assert len(prepared(root).split("train")) == 39
    assert "warning" in (told := capsys.readouterr().err) and "no photo for 39.jpg" in told


def test_a_photo_that_does_not_decode_is_named(root):
    (root / "4.jpg").write_bytes(b"not a photo")
    assert "4.jpg: does not decode" in refusal(root)


def test_a_listed_training_photo_without_labels_is_named(root):
    (root / "train.txt").write_text("1\n9\n")
    assert "no labels for 9 of the split 'train'" in refusal(root, lists={"train": "train.txt"})


def test_a_split_is_either_listed_or_drawn(root):
    (root / "val.txt").write_text("1\n")
    message = refusal(root, lists={"val": "val.txt"}, draw={"val": 0.5}, random_seed=0)
    assert "there is a list of the split 'val'" in message


def test_a_class_without_a_training_photo_is_told(root, capsys):
    prepared(root, classes=["cat", "dog", "fox"])
    assert "no training image is labelled fox" in capsys.readouterr().err
