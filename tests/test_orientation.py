"""Photos that EXIF says to turn: seen upright everywhere, their masks and annotations with them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, ImageOps
from real_layouts import scene, write_coco
from voc_folder import make_voc_folder, write_annotation

from wsss.config.blocks import Data
from wsss.data.inference_images import inference_batches
from wsss.data.layouts import labels as labels_layout
from wsss.data.layouts.coco import prepare_coco
from wsss.data.layouts.voc import prepare_voc_layout
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import read_image, write_mask
from wsss.orientation import orientation

PHOTO, MASK = scene("turned")  # 40 high, 48 wide
CLASSES = ("star", "target", "cross", "flower", "checker", "triangle")
NUMBERS = range(2, 9)
SWAPPING = (5, 6, 7, 8)
UNDONE = {  # by number: how an upright picture comes to lie in the file
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def as_stored(picture: np.ndarray, number: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).transpose(UNDONE[number]))


def save(path, number, picture=PHOTO, **options):
    exif = Image.Exif()
    exif[0x0112] = number
    Image.fromarray(as_stored(picture, number)).save(path, exif=exif, **options)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_a_photo_is_read_upright_with_its_size(tmp_path, number, suffix):
    path = tmp_path / f"photo.{suffix}"
    save(path, number, lossless=True)
    assert np.array_equal(read_image(path), PHOTO)
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(ImageOps.exif_transpose(image)), PHOTO)  # as Pillow reads the numbers
        assert orientation(image).upright == (40, 48)


@pytest.mark.parametrize("exif", [b"", b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0" + bytes(40)])
def test_broken_exif_says_nothing(tmp_path, exif):
    Image.fromarray(PHOTO).save(tmp_path / "photo.jpg", exif=exif)
    assert read_image(tmp_path / "photo.jpg").shape == (40, 48, 3)


@pytest.mark.parametrize("number", [0, 1, 9, 65535])
def test_a_number_that_exif_does_not_have_says_nothing(tmp_path, number):
    exif = Image.Exif()
    exif[0x0112] = number
    Image.fromarray(PHOTO).save(tmp_path / "photo.png", exif=exif)
    assert np.array_equal(read_image(tmp_path / "photo.png"), PHOTO)


def prepared_voc(tmp_path, number, mask):
    root, out = tmp_path / "voc", tmp_path / "prepared"
    make_voc_folder(root)
    save(root / "JPEGImages/train_0001.jpg", number, quality=95)
    write_mask(root / "SegmentationClass/train_0001.png", mask)
    write_annotation(root / "Annotations/train_0001.xml", [CLASSES[number - 1] for number in np.unique(MASK) if number])
    out.mkdir()
    prepare_voc_layout(root, out, CLASSES)
    return PreparedDataset(out)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_mask_of_the_upright_photo_stays_as_it_is(tmp_path, number, capsys):
    data = prepared_voc(tmp_path, number, MASK)
    assert data.image("train_0001").shape == (40, 48, 3) and data.image_size("train_0001") == (40, 48)
    assert np.array_equal(data.mask("train_0001"), MASK)
    told = capsys.readouterr().err
    assert "turned as EXIF says: 1 of 11 photos (train_0001)" in told
    assert ("right size either way" in told) == (number not in SWAPPING)


@pytest.mark.parametrize("number", SWAPPING)
def test_a_mask_that_lies_as_the_photo_is_stored_is_turned_with_it(tmp_path, number):
    data = prepared_voc(tmp_path, number, as_stored(MASK, number))
    assert np.array_equal(data.mask("train_0001"), MASK)


def test_a_mask_of_another_size_is_refused_with_both_of_the_photos(tmp_path):
    with pytest.raises(InputError, match=r"is 47x40 but its photo train_0001.jpg is 48x40 \(stored as 40x48, turned"):
        prepared_voc(tmp_path, 6, MASK[:, :-1])


@pytest.mark.parametrize("number", SWAPPING)
def test_photos_with_labels_are_turned_too(tmp_path, number):
    photos, masks, out = tmp_path / "photos", tmp_path / "masks", tmp_path / "prepared"
    for folder in (photos, masks, out):
        folder.mkdir()
    save(photos / "a.png", number)
    write_mask(masks / "a.png", as_stored(MASK, number))
    (photos / "labels.csv").write_text(f"file,labels\na.png,{'|'.join(CLASSES)}\n")
    steps = {"train": "train", "evaluate": None, "val": None, "test": None}
    keys = {"root": str(photos), "labels": "labels.csv", "masks": str(masks), "classes": list(CLASSES), "splits": steps}
    labels_layout.prepare(Data.model_validate({"layout": "labels", **keys}), [photos], out, 1)
    data = PreparedDataset(out)
    assert np.array_equal(data.image("a"), PHOTO) and np.array_equal(data.mask("a"), MASK)


@pytest.mark.parametrize("says", ["stored", "upright"])
@pytest.mark.parametrize("number", SWAPPING)
def test_cocos_json_says_whether_it_was_annotated_upright(tmp_path, number, says):
    root, out = write_coco(tmp_path / "coco"), tmp_path / "prepared"
    path = root / "annotations/instances_train2014.json"
    tree = json.loads(path.read_text())
    image = tree["images"][0]
    box = np.zeros((40, 48), np.uint8)
    box[5:12, 20:44] = 1  # upright
    drawn = box if says == "upright" else as_stored(box, number)
    (y, x), (y1, x1) = (
        corner(np.nonzero(drawn)) for corner in (lambda at: np.min(at, 1), lambda at: np.max(at, 1) + 1)
    )
    image["height"], image["width"] = drawn.shape
    polygon = [float(value) for value in (x, y, x1, y, x1, y1, x, y1)]
    tree["annotations"] = [item for item in tree["annotations"] if item["image_id"] != image["id"]]
    item = {"id": 999_999, "image_id": image["id"], "category_id": 1, "segmentation": [polygon], "iscrowd": 0}
    tree["annotations"].append(item)
    path.write_text(json.dumps(tree))
    save(root / "train2014" / image["file_name"], number, quality=95)
    out.mkdir()
    prepare_coco(root, out, {"train": "annotations/instances_train2014.json"}, {"train": "train2014"})
    data, name = PreparedDataset(out), image["file_name"].removesuffix(".jpg")
    assert data.image_size(name) == (40, 48)
    assert np.array_equal(data.mask(name) > 0, box > 0)


def test_a_network_is_shown_the_upright_photo(tmp_path):
    data = prepared_voc(tmp_path, 6, MASK)
    _, batches = inference_batches(data, ["train_0001"], (0.0,) * 3, (1.0,) * 3, 0)
    assert [tuple(images.shape) for _, images in batches] == [(1, 3, 40, 48)]
