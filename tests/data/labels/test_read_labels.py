"""Labels in every form that people have them in, and what is refused with which message."""

from __future__ import annotations

import json
import pickle
import re

import numpy as np
import pytest
from paths import REPOSITORY
from PIL import Image
from voc_folder import write_annotation

from wsss.data.labels import read_labels
from wsss.data.layouts.voc import VOC_CLASSES
from wsss.errors import InputError

EXPECTED = {"a.jpg": {"cat", "dog"}, "b.jpg": {"dog"}, "c.jpg": set()}

TABLES = {
    "between bars": "file,labels\na.jpg,cat|dog\nb.jpg,dog\nc.jpg,\n",
    "between semicolons": "file,labels\na.jpg,cat;dog\nb.jpg,dog\nc.jpg,\n",
    "between commas, quoted": 'file,labels\na.jpg,"cat, dog"\nb.jpg,dog\nc.jpg,""\n',
    "between commas, not quoted": "file,labels\na.jpg,cat,dog\nb.jpg,dog\nc.jpg\n",
    "columns": "file,cat,dog\na.jpg,1,1\nb.jpg,0,1\nc.jpg,0,0\n",
    "columns between semicolons": "image;cat;dog\na.jpg;1;1\nb.jpg;0;1\nc.jpg;0;0\n",
    "columns between tabs": "id\tcat\tdog\na.jpg\t1.0\t1.0\nb.jpg\t0.0\t1.0\nc.jpg\t0.0\t0.0\n",
    "without a header": "a.jpg,cat|dog\nb.jpg,dog\nc.jpg,\n",
    "a line for each label": "file,labels\na.jpg,cat\na.jpg,dog\nb.jpg,dog\nc.jpg,\n",
    "as spreadsheets save": "\ufefffile;labels\r\na.jpg;cat|dog\r\nb.jpg;dog\r\nc.jpg;\r\n",
}


def labels_of(path, classes=None):
    read = read_labels(path, classes)
    return read.classes, {photo: set(names) for photo, names in read.of.items()}


def refusal(path, classes=None) -> str:
    with pytest.raises(InputError) as error:
        read_labels(path, classes)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_tables(tmp_path, text):
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8", newline="")
    assert labels_of(tmp_path / "labels.csv") == (("cat", "dog"), EXPECTED)


def test_columns_give_the_order_of_classes_and_names_are_sorted(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("file,dog,cat\na.jpg,1,0\n")
    assert read_labels(path).classes == ("dog", "cat")
    path.write_text("file,labels\na.jpg,dog\nb.jpg,cat\n")
    assert read_labels(path).classes == ("cat", "dog")
    assert read_labels(path, ["fox", "dog", "cat"]).classes == ("fox", "dog", "cat")


def test_a_list(tmp_path):
    (tmp_path / "labels.txt").write_text("a.jpg cat dog\nb.jpg dog\nc.jpg\n")
    assert labels_of(tmp_path / "labels.txt") == (("cat", "dog"), EXPECTED)


def test_a_folder_for_each_class(tmp_path):
    for photo in ("cat/1.jpg", "dog/1.jpg", "dog/more/2.jpg"):
        (tmp_path / photo).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(tmp_path / photo)
    classes, labels = labels_of(tmp_path)
    assert classes == ("cat", "dog")
    assert labels == {str(tmp_path / name): {name[:3]} for name in ("cat/1.jpg", "dog/1.jpg", "dog/more/2.jpg")}
    Image.new("RGB", (4, 4)).save(tmp_path / "3.jpg")
    assert "3.jpg: lies in no class's folder" in refusal_of_folder(tmp_path)


def refusal_of_folder(path) -> str:
    with pytest.raises(InputError) as error:
        read_labels(path)
    return str(error.value)


def test_vocs_annotations(tmp_path):
    write_annotation(tmp_path / "a.xml", ["dog", "cat", "dog"])
    write_annotation(tmp_path / "c.xml", [])
    assert labels_of(tmp_path) == (("cat", "dog"), {"a": {"cat", "dog"}, "c": set()})


def test_cocos_json_without_a_single_outline(tmp_path):
    images = [{"id": k, "file_name": name, "height": 4, "width": 4} for k, name in enumerate(EXPECTED)]
    annotations = [{"image_id": i, "category_id": c} for i, c in ((0, 7), (0, 3), (1, 3))]
    categories = [{"id": 7, "name": "cat"}, {"id": 3, "name": "dog"}]
    path = tmp_path / "instances.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    assert labels_of(path) == (("dog", "cat"), EXPECTED)


@pytest.mark.parametrize(("file", "photo"), [("psa", "2099_000001"), ("irn", 2099000001)])
def test_cls_labels_of_both_kinds(file, photo):
    """Files as PSA and IRN write them, with text and with numbers as keys."""
    path = REPOSITORY / f"tests/golden/{file}_cls_labels.npy"
    assert labels_of(path, VOC_CLASSES) == (VOC_CLASSES, {photo: {"bird", "person"}})
    assert "20 columns without names, and none are given" in refusal(path)


def test_a_pickle_that_wants_to_run_code_is_refused(tmp_path):
    class Harm:
        def __reduce__(self):
            return (tmp_path.joinpath("harm").touch, ())

    np.save(tmp_path / "labels.npy", {"a": Harm()}, allow_pickle=True)
    assert "it asks for" in refusal(tmp_path / "labels.npy", ["cat"])
    assert not (tmp_path / "harm").exists()
    (tmp_path / "labels.npy").write_bytes(pickle.dumps({"a": 1}))
    assert "not a dictionary of arrays" in refusal(tmp_path / "labels.npy", ["cat"])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("labels.csv", "file,labels\na.jpg,cat\nb.jpg,cta\n", r"b.jpg has the label 'cta'.*did you mean 'cat'"),
        ("labels.csv", "", "names no photo"),
        ("labels.csv", "file,labels\n,cat\n", "line 2 names no photo"),
        ("labels.csv", "file,cat,dog\na.jpg,1,1\nb.jpg,1\n", "b.jpg has not as many cells"),
        ("labels.csv", 'file,labels\na.jpg,"cat\n', "not a table"),
        ("labels.txt", "a.jpg background\n", "leave 'background' out|'background', which is not one"),
        ("labels.xlsx", "PK", "labels are read from .csv"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    assert re.search(message, refusal(tmp_path / name, ["cat", "dog"]))


def test_a_table_in_another_encoding_is_refused(tmp_path):
    (tmp_path / "labels.csv").write_bytes("file,labels\na.jpg,Bär\n".encode("latin-1"))
    assert "is not in UTF-8; save the file" in refusal(tmp_path / "labels.csv")


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "no such file" in refusal(tmp_path / "labels.csv")
