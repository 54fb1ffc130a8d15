"""A machine thinks of annotations and masks: each is read as what it says, or refused by name, and never otherwise."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from wsss.config.blocks import Data
from wsss.data.layouts import labels as labels_layout
from wsss.data.layouts.coco import prepare_coco
from wsss.data.layouts.voc_annotation import read_annotated_size, read_annotation
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import VOID, read_mask, write_mask

WIDTH, HEIGHT = 8, 6
SCALARS = st.none() | st.booleans() | st.floats() | st.integers(-(10**12), 10**12) | st.text(max_size=4)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)
TREE = {
    "images": [{"id": index, "file_name": f"{index}.png", "width": WIDTH, "height": HEIGHT} for index in (7, 8)],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 5, "segmentation": [[0, 0, 4, 0, 4, 3, 0, 3]], "iscrowd": 0},
        {"id": 2, "image_id": 7, "category_id": 2, "segmentation": {"size": [6, 8], "counts": [4, 44]}, "iscrowd": 1},
        {"id": 3, "image_id": 8, "category_id": 2, "segmentation": [[1, 1, 5, 1, 5, 5]]},
    ],
    "categories": [{"id": 5, "name": "cat"}, {"id": 2, "name": "dog"}],
}


def places(tree: object, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        found += places(value, (*path, key))
    return found


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "out").mkdir()
        yield Path(name)


@example([(("images", 0, "file_name"), "")])
@given(st.lists(st.tuples(st.sampled_from(places(TREE)), ANYTHING | st.just("gone")), min_size=1, max_size=2))
def test_any_change_of_cocos_json_is_read_or_refused_by_its_file(changes):
    tree = copy.deepcopy(TREE)
    for path, value in changes:
        place = tree
        with contextlib.suppress(KeyError, IndexError, TypeError):  # the first change may have taken the second's place
            for key in path[:-1]:
                place = place[key]
            if value == "gone":
                del place[path[-1]]
            else:
                place[path[-1]] = value
    with folder() as root:
        for index in (7, 8):
            Image.new("RGB", (WIDTH, HEIGHT)).save(root / f"{index}.png")
        (root / "train.json").write_text(json.dumps(tree))
        try:
            prepare_coco(root, root / "out", {"train": "train.json"})
        except InputError as error:
            assert str(root) in str(error) and "\n" not in str(error) and len(str(error)) < 800, str(error)
        else:
            data = PreparedDataset(root / "out")
            for name in data.split("train"):
                if data.has_mask(name):
                    numbers = set(np.unique(data.mask(name)).tolist()) - {0, VOID}
                    assert numbers <= set(data.classes_of(name))


TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)


@given(st.lists(TEXTS, max_size=3), TEXTS, TEXTS)
def test_any_voc_annotation_is_read_or_refused_by_its_file(names, width, height):
    objects = "".join(f"<object><name>{name}</name></object>" for name in names)
    text = f"<annotation><size><width>{width}</width><height>{height}</height></size>{objects}</annotation>"
    with folder() as root:
        path = root / "a.xml"
        path.write_text(text, encoding="utf-8")
        try:
            labels, size = read_annotation(path, ["cat", "dog"]), read_annotated_size(path)
        except InputError as error:
            assert str(path) in str(error) and "\n" not in str(error)
        else:
            assert labels.sum() == len({name.strip() for name in names})
            assert size is None or min(size) >= 0


MODES = st.sampled_from(["P", "L", "1", "RGB", "RGBA", "I;16", "I", "LA", "CMYK"])


@given(MODES, st.integers(0, 255), st.integers(0, 255), st.integers(1, 9), st.integers(1, 9), st.sampled_from("pgt"))
def test_any_mask_is_prepared_as_it_is_or_refused_by_its_file(mode, low, high, width, height, kind):
    """kind: PNG, GIF or TIFF under the suffix .png."""
    numbers = np.full((height, width), low, np.uint8)
    numbers[: height // 2] = high
    image = Image.fromarray(numbers)
    if mode == "P":
        image.putpalette(bytes(range(256)) * 3)
    elif mode == "I;16":
        image = Image.fromarray(numbers.astype(np.uint16) * 257)
    elif mode != "L":
        image = image.convert(mode)
    with folder() as root, contextlib.redirect_stderr(io.StringIO()):
        for part in ("photos", "masks"):
            (root / part).mkdir()
        Image.new("RGB", (WIDTH, HEIGHT)).save(root / "photos/a.jpg")
        file = io.BytesIO()
        try:
            image.save(file, {"p": "PNG", "g": "GIF", "t": "TIFF"}[kind])
        except (OSError, ValueError):  # Pillow has no such file
            return
        (root / "masks/a.png").write_bytes(file.getvalue())
        (root / "labels.csv").write_text("file,labels\na.jpg,one|two\n")
        steps = {"train": "train", "evaluate": None, "val": None, "test": None}
        keys = {"root": str(root / "photos"), "labels": str(root / "labels.csv"), "masks": str(root / "masks")}
        data = Data.model_validate({"layout": "labels", "classes": ["one", "two"], "splits": steps, **keys})
        try:
            labels_layout.prepare(data, [root / "photos"], root / "out", 1)
        except InputError as error:
            assert str(root / "masks/a.png") in str(error) and "\n" not in str(error)
        else:
            prepared = PreparedDataset(root / "out").mask("a")
            assert prepared.shape == (HEIGHT, WIDTH) and set(np.unique(prepared)) <= {0, 1, 2, VOID}
            assert np.array_equal(prepared, read_mask(root / "masks/a.png"))


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_any_mask_that_is_written_is_read(height, width, data):
    numbers = data.draw(st.lists(st.integers(0, 255), min_size=1, max_size=9))
    mask = np.resize(np.array(numbers, np.uint8), (height, width))
    with folder() as root:
        write_mask(root / "a.png", mask)
        assert np.array_equal(read_mask(root / "a.png"), mask)
