"""COCO's layout: classes, labels, masks, and what is refused."""

import json

import numpy as np
import pytest
from PIL import Image
from real_layouts import COCO_CATEGORIES, COCO_COUNTS, scene, write_coco

from wsss.data.layouts.coco import Instance, image_labels, instance_mask, prepare_coco
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError

ANNOTATIONS = {split: f"annotations/instances_{split}2014.json" for split in ("train", "val")}
PHOTOS = {"train": "train2014", "val": "val2014"}
SQUARE = [10, 10, 30, 10, 30, 30, 10, 30]  # x, y of its corners


@pytest.fixture
def root(tmp_path):
    return write_coco(tmp_path / "coco")


def prepared(root, tmp_path, **options):
    out = tmp_path / "prepared"
    out.mkdir()
    prepare_coco(root, out, **({"annotations": ANNOTATIONS, "photos": PHOTOS, "counts": COCO_COUNTS} | options))
    return PreparedDataset(out)


def refusal(root, tmp_path, **options):
    with pytest.raises(InputError) as error:
        prepared(root, tmp_path, **options)
    assert "\n" not in str(error.value)
    return str(error.value)


def change(root, edit, split="train"):
    """Edit a split's JSON."""
    path = root / ANNOTATIONS[split]
    tree = json.loads(path.read_text())
    edit(tree)
    path.write_text(json.dumps(tree))


def test_classes_are_numbered_in_the_order_of_their_ids(root, tmp_path):
    data = prepared(root, tmp_path)
    assert data.classes == tuple(COCO_CATEGORIES[key] for key in sorted(COCO_CATEGORIES))


def test_masks_are_those_of_the_instances(root, tmp_path):
    data = prepared(root, tmp_path)
    assert data.has_masks("train") and data.has_masks("val")
    for name in ("COCO_val2014_000000000139", "COCO_train2014_000000000009"):
        assert np.array_equal(data.mask(name), scene(name)[1])


def test_labels_are_the_classes_annotated(root, tmp_path):
    data = prepared(root, tmp_path)
    name = "COCO_val2014_000000000139"
    assert (np.flatnonzero(data.labels([name])[0]) + 1).tolist() == [
        value for value in np.unique(scene(name)[1]) if value
    ]


def test_an_image_without_objects_stays_in_with_labels_zero_and_an_empty_mask(root, tmp_path):
    data = prepared(root, tmp_path)
    name = "COCO_train2014_000000581929"
    assert name in data.split("train")
    assert not data.labels([name]).any() and not data.mask(name).any()


def test_a_crowd_is_void_and_its_class_is_a_label(root, tmp_path):
    data = prepared(root, tmp_path)
    name = "COCO_train2014_000000000318"
    corner, scenes = data.mask(name)[:4, :4], scene(name)[1][:4, :4]
    assert np.array_equal(corner, np.where(scenes == 0, 255, scenes)) and (corner == 255).any()
    assert data.labels([name])[0, 0] == 1


def test_images_come_in_the_order_of_their_ids(root, tmp_path):
    assert [int(name[-6:]) for name in prepared(root, tmp_path).split("train")] == [9, 25, 30, 34, 318, 581929]


def test_photos_are_links(root, tmp_path):
    assert all(path.is_symlink() for path in (prepared(root, tmp_path).root / "images").iterdir())


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_smaller_instance_lies_over_the_larger(order):
    large = Instance(1, [[0, 0, 40, 0, 40, 40, 0, 40]], False)
    small = Instance(2, [SQUARE], False)
    mask = instance_mask([[large, small][index] for index in order], (40, 40))
    assert mask[20, 20] == 2 and mask[5, 5] == 1


def test_a_crowd_lies_below_the_instances():
    crowd = Instance(1, {"size": [40, 40], "counts": [0, 1600]}, True)
    mask = instance_mask([Instance(2, [SQUARE], False), crowd], (40, 40))
    assert mask[20, 20] == 2 and mask[5, 5] == 255


def test_a_polygon_of_several_parts_is_one_instance():
    parts = [[0, 0, 5, 0, 5, 5, 0, 5], SQUARE]
    mask = instance_mask([Instance(3, parts, False)], (40, 40))
    assert mask[2, 2] == 3 and mask[20, 20] == 3 and mask[7, 7] == 0


def test_a_polygon_of_two_corners_covers_nothing():
    assert not instance_mask([Instance(1, [[0, 0, 9, 9]], False)], (40, 40)).any()


def test_labels_of_an_image():
    assert image_labels([Instance(3, None, False), Instance(3, None, True)], 4).tolist() == [0, 0, 1, 0]


def test_boxes_alone_give_labels_and_no_masks(root, tmp_path):
    change(root, lambda tree: [item.pop("segmentation") for item in tree["annotations"]])
    data = prepared(root, tmp_path)
    assert data.has_labels("train") and not data.has_masks("train") and data.has_masks("val")
    assert not data.has_mask("COCO_train2014_000000000009")


@pytest.mark.parametrize("folder", ["", "images", "train", "train2014"])
def test_photos_are_found_where_such_data_sets_have_them(root, tmp_path, folder):
    if folder != "train2014":
        for path in (root / "train2014").iterdir():
            (root / folder).mkdir(exist_ok=True)
            path.rename(root / folder / path.name)
    assert len(prepared(root, tmp_path, photos=None).split("train")) == 6


def test_a_wrong_count_is_refused_with_both_numbers(root, tmp_path):
    assert "'val' has 3 images instead of 40504" in refusal(root, tmp_path, counts={"val": 40504})


def test_a_photo_of_another_size_is_refused(root, tmp_path):
    Image.new("RGB", (40, 48)).save(root / "val2014/COCO_val2014_000000000042.jpg")
    message = refusal(root, tmp_path)
    assert "COCO_val2014_000000000042.jpg: is 40x48, but its JSON says 48x40" in message


def test_missing_and_broken_photos_are_named_and_counted(root, tmp_path):
    (root / "train2014/COCO_train2014_000000000025.jpg").unlink()
    (root / "train2014/COCO_train2014_000000000030.jpg").write_bytes(b"no photo")
    message = refusal(root, tmp_path)
    assert "COCO_train2014_000000000025.jpg: no such file" in message and "1 more" in message


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda tree: tree.pop("categories"), "it has no images, annotations and categories"),
        (lambda tree: tree["annotations"][0].update(category_id=1000), "1000 is missing"),
        (lambda tree: tree["annotations"][0].update(image_id=77), "77 is missing"),
        (lambda tree: tree["images"].append(dict(tree["images"][0])), "two images have the same id"),
        (lambda tree: tree["images"].append({**tree["images"][0], "id": 5}), "listed more than once"),
        (lambda tree: tree["images"][0].update(file_name=None), "not as COCO writes it"),
        (lambda tree: tree["annotations"][0].update(segmentation=[["a"] * 6]), "a polygon's x is a, not a number"),
        (lambda tree: tree["annotations"][0].update(segmentation=[[1e9] * 6]), "far outside the"),
        (lambda tree: tree["images"][0].update(height="64"), "not a whole number; correct the JSON"),
        (lambda tree: tree["images"][0].update(width=None), "not a whole number; correct the JSON"),
        (lambda tree: tree["images"][0].update(width=10**9), "is said to have 1000000000x"),
        (
            lambda tree: tree["annotations"][0].update(segmentation={"size": [9, 9], "counts": [81]}),
            "its RLE is of size [9, 9]",
        ),
        (lambda tree: tree["categories"].pop(), "missing"),
        (lambda tree: tree["categories"][0].update(name="background"), "leave 'background' out"),
    ],
)
def test_a_json_that_is_not_cocos_is_refused(root, tmp_path, edit, message):
    change(root, edit)
    assert message in refusal(root, tmp_path, counts=None)


def test_splits_with_other_categories_are_refused(root, tmp_path):
    change(root, lambda tree: tree["categories"].append({"id": 91, "name": "hair brush"}), "val")
    assert "its categories are not those of the split before" in refusal(root, tmp_path)


def test_a_missing_json_is_named(root, tmp_path):
    (root / ANNOTATIONS["val"]).unlink()
    assert "instances_val2014.json: no such file; correct `root` or `annotations`" in refusal(root, tmp_path)
