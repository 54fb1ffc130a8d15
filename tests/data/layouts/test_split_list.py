"""Lists of images, as different projects write them."""

import pytest

from wsss.data.layouts.split_list import read_id_list, read_split_list
from wsss.errors import InputError


@pytest.mark.parametrize(
    "line",
    [
        "2007_000032",
        "2007_000032.jpg",
        "/JPEGImages/2007_000032.jpg /SegmentationClassAug/2007_000032.png",
        "JPEGImages/2007_000032.jpg SegmentationClassAug/2007_000032.png",
        "/JPEGImages/2007_000032.jpg",
        "2007_000032 -1",
        "2007_000032  1",
    ],
)
def test_every_form_names_the_same_image(tmp_path, line):
    (tmp_path / "train.txt").write_text(f"{line}\n\n")
    assert read_id_list(tmp_path / "train.txt") == ["2007_000032"]


def test_names_may_have_blanks_and_dots(tmp_path):
    (tmp_path / "train.txt").write_text("my photo 1.jpg\nimage.v2\n")
    assert read_split_list(tmp_path / "train.txt") == ["my photo 1.jpg", "image.v2"]
    assert read_id_list(tmp_path / "train.txt") == ["my photo 1", "image.v2"]


@pytest.mark.parametrize(("text", "message"), [("\n", "lists no image"), ("a.jpg\nb\na\n", "more than once: a;")])
def test_what_is_wrong_is_named(tmp_path, text, message):
    (tmp_path / "train.txt").write_text(text)
    with pytest.raises(InputError, match=message):
        read_id_list(tmp_path / "train.txt")
