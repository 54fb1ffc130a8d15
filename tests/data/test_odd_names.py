"""Names of photos and classes as people have them: blanks, quotes, umlauts in either of Unicode's writings."""

from __future__ import annotations

import csv
import json
import unicodedata

import numpy as np
import pytest
from PIL import Image
from voc_folder import write_annotation

from wsss.config.blocks import Data
from wsss.config.class_names import check_classes
from wsss.data.layouts import labels as labels_layout
from wsss.data.layouts.coco import prepare_coco
from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.layouts.writing import check_ids
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import write_mask

NAMES = [
    "Foto 1 (Kopie)",
    "o'hare",
    'say "cheese"',
    "größe",
    "a;b|c,d",
    "$HOME",
    "-rf",
    "#1",
    "100%",
    "日本",
    "a.b.c",
    "~x",
]
CLASSES = ["Tür", "cat's eye", 'a "b"', "dogs & cats", "<b>"]
WRITINGS = ["NFC", "NFD"]


def written(name: str, form: str) -> str:
    return unicodedata.normalize(form, name)


def save(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6)).save(path)


@pytest.mark.parametrize("on_disk", WRITINGS)
@pytest.mark.parametrize("in_table", WRITINGS)
def test_photos_and_labels_of_any_name_find_each_other(tmp_path, on_disk, in_table):
    root, out = tmp_path / "meine Fotos", tmp_path / "prepared"
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", *(written(name, in_table) for name in CLASSES)])
        for index, name in enumerate(NAMES):
            save(root / f"{written(name, on_disk)}.jpg")
            table.writerow([written(f"{name}.jpg", in_table), *(int(index % 5 == k) for k in range(5))])
    out.mkdir()
    steps = {"train": "train", "evaluate": None, "val": None, "test": None}
    data = {"layout": "labels", "root": str(root), "labels": str(tmp_path / "labels.csv"), "splits": steps}
    labels_layout.prepare(Data.model_validate(data), [root], out, 1)
    prepared = PreparedDataset(out)
    assert sorted(prepared.split("train")) == sorted(NAMES) and prepared.classes == tuple(CLASSES)
    for index, name in enumerate(NAMES):
        assert prepared.classes_of(name) == [index % 5 + 1] and prepared.image(name).shape == (6, 8, 3)


@pytest.mark.parametrize("on_disk", WRITINGS)
@pytest.mark.parametrize("in_list", WRITINGS)
def test_voc_folders_with_any_name(tmp_path, on_disk, in_list):
    root, out = tmp_path / "voc", tmp_path / "prepared"
    names = [name for name in NAMES if "|" not in name]
    for name in names:
        save(root / "JPEGImages" / f"{written(name, on_disk)}.jpg")
        for folder in ("SegmentationClass", "Annotations", "ImageSets/Segmentation"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        write_mask(root / "SegmentationClass" / f"{written(name, on_disk)}.png", np.ones((6, 8), np.uint8))
        write_annotation(root / "Annotations" / f"{written(name, on_disk)}.xml", [written("Tür", on_disk)])
    for split in ("train", "val"):
        lines = "".join(f"{written(name, in_list)}\n" for name in names)
        (root / f"ImageSets/Segmentation/{split}.txt").write_text(lines, encoding="utf-8")
    out.mkdir()
    prepare_voc_layout(root, out, ["Tür"])
    prepared = PreparedDataset(out)
    assert prepared.split("train") == names and prepared.has_masks("val")
    assert all(prepared.mask(name).all() and prepared.classes_of(name) == [1] for name in names)


@pytest.mark.parametrize("on_disk", WRITINGS)
@pytest.mark.parametrize("in_json", WRITINGS)
def test_cocos_json_with_any_name(tmp_path, on_disk, in_json):
    root, out = tmp_path / "coco", tmp_path / "prepared"
    images = []
    for index, name in enumerate(NAMES):
        save(root / f"{written(name, on_disk)}.jpg")
        images.append({"id": index, "file_name": written(f"{name}.jpg", in_json), "height": 6, "width": 8})
    box = {"segmentation": [[0, 0, 8, 0, 8, 6, 0, 6]], "category_id": 1, "iscrowd": 0}
    annotations = [{"id": index, "image_id": index, **box} for index in range(len(NAMES))]
    tree = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": written("Tür", in_json)}]}
    (root / "train.json").write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    out.mkdir()
    prepare_coco(root, out, {"train": "train.json"})
    prepared = PreparedDataset(out)
    assert prepared.split("train") == NAMES and prepared.classes == ("Tür",)
    assert all(prepared.mask(name).all() and prepared.image(name).any() == 0 for name in NAMES)


@pytest.mark.parametrize(
    "name", ["a\nb", "a\tb", " a", "a ", "", "a/b", "a\u2028b", "a\x85b", "\x00", "x" * 241, "ü" * 121]
)
def test_a_name_that_no_list_gives_back_is_refused(name):
    with pytest.raises(InputError, match="cannot be the name of an image"):
        check_ids(["fine", name])


@pytest.mark.parametrize("name", ["a\nb", " a", "a ", "", "a\u2029b", "\x1b[31mred"])
def test_a_class_that_no_list_gives_back_is_refused(name):
    with pytest.raises(InputError, match="is not a class name"):
        check_classes(["fine", name])


def test_one_name_in_both_writings_is_one_class():
    with pytest.raises(InputError, match="listed twice"):
        check_classes([written("Tür", "NFC"), written("Tür", "NFD")])
