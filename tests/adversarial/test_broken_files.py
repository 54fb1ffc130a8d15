"""A machine breaks files: cut, overwritten, bits turned. Each reads, or is refused by its name, and never otherwise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from small import write_dataset
from torch import nn

from wsss.data.layouts.voc_annotation import read_annotation
from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError
from wsss.files import read_image, read_json, read_lines, read_mask, write_json, write_mask
from wsss.foreign.dictionary import read_dictionary, write_dictionary
from wsss.models.weights import read_weights, write_weights
from wsss.product.record import read_record
from wsss.seed.seed_file import read_seed, write_seed
from wsss.segmentation.submission import check_submission, write_submission
from wsss.training.checkpoint import read_checkpoint, write_checkpoint

PICTURE = np.random.default_rng(0).integers(0, 256, (24, 30, 3), np.uint8)
MASK = (PICTURE[..., 0] // 60).astype(np.uint8)


def seed(path: Path) -> None:
    write_seed(path, np.array([1, 3]), np.random.default_rng(0).random((2, 6, 7)), (24, 28))


def mask(path: Path) -> None:
    write_mask(path, MASK)


def photo(path: Path) -> None:
    Image.fromarray(PICTURE).save(path, exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0")


def network(path: Path) -> None:
    write_weights(path, nn.Conv2d(2, 3, 3).state_dict(), {"stage": "train_seed"})


def checkpoint_of_torch(path: Path) -> None:
    torch.save(nn.Conv2d(2, 3, 3).state_dict(), path)


def numbers(path: Path) -> None:
    write_json(path, {"miou": 61.5, "iou": {"größe": 3.0}, "images": 7})


def lines(path: Path) -> None:
    path.write_text("a\nö\n2007_000032\n", encoding="utf-8")


def annotation(path: Path) -> None:
    path.write_text("<annotation><size><width>3</width></size><object><name>cat</name></object></annotation>")


def dictionary(path: Path) -> None:
    write_dictionary(path, {3: np.ones((3, 4), np.float32), 7: torch.ones(2, 2)})


def training(path: Path) -> None:
    write_checkpoint(path, {"network": nn.Linear(2, 2).state_dict(), "epoch": 3, "fingerprint": repr({})})


def record(path: Path) -> None:
    write_json(path, {"stage": "predict", "settings": {}, "options": {}, "inputs": {}, "dataset": "d", "product": "x"})


FILES: dict[Callable[[Path], None], tuple[str, Callable[[Path], object]]] = {
    seed: ("a.npz", read_seed),
    mask: ("a.png", read_mask),
    photo: ("a.jpg", read_image),
    network: ("a.safetensors", read_weights),
    checkpoint_of_torch: ("a.pth", read_weights),
    numbers: ("a.json", read_json),
    lines: ("a.txt", read_lines),
    annotation: ("a.xml", lambda path: read_annotation(path, ["cat", "dog"])),
    dictionary: ("a.npy", read_dictionary),
    training: (".a.checkpoint", lambda path: read_checkpoint(path, {})),
    record: ("a.run.json", lambda path: read_record(path.with_name("a"))),
}


@st.composite
def damage(draw):
    """Return a function that breaks bytes: cuts them, writes over a place, or takes one out."""
    kind = draw(st.sampled_from(["cut", "overwritten", "turned", "lost", "zeroed"]))
    place, garbage = draw(st.floats(0, 1, exclude_max=True)), draw(st.binary(min_size=1, max_size=8))

    def broken(content: bytes) -> bytes:
        at = int(place * len(content))
        if kind == "cut":
            return content[:at]
        if kind == "overwritten":
            return content[:at] + garbage + content[at + len(garbage) :]
        if kind == "turned":
            return content[:at] + bytes([content[at] ^ (1 << garbage[0] % 8)]) + content[at + 1 :]
        if kind == "lost":
            return content[:at] + content[at + 1 :]
        return content[:at] + bytes(len(content) - at)

    return broken


@pytest.mark.filterwarnings("ignore")  # Pillow tells of broken EXIF
@pytest.mark.parametrize("kind", FILES, ids=lambda kind: kind.__name__)
def test_a_broken_file_reads_or_is_refused_by_name(tmp_path, kind):
    name, read = FILES[kind]
    path = tmp_path / name
    kind(path)
    whole = path.read_bytes()
    read(path)

    @given(damage())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def broken(how):
        path.write_bytes(how(whole))
        try:
            read(path)
        except InputError as error:
            assert str(path) in str(error) and "\n" not in str(error)

    broken()


@pytest.mark.parametrize("name", ["labels.csv", "classes.txt", "splits/train.txt"])
def test_broken_tables_of_a_data_set_are_refused_by_name(tmp_path, name):
    root = write_dataset(tmp_path / "data").root
    whole = (root / name).read_bytes()

    @given(damage())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def broken(how):
        (root / name).write_bytes(how(whole))
        data = PreparedDataset(root)
        try:
            ids = data.split("train")
            labels = data.labels(ids)
            [data.image(image_id) for image_id in ids]
        except InputError as error:
            assert str(root) in str(error) and "\n" not in str(error)
        else:
            assert labels.shape == (len(ids), len(data.classes)) and set(np.unique(labels)) <= {0, 1}

    broken()


def test_a_broken_submission_is_refused_by_name(tmp_path):
    folder, path = tmp_path / "predictions", tmp_path / "submission.tar.gz"
    folder.mkdir()
    for image_id in ("a", "b"):
        write_mask(folder / f"{image_id}.png", MASK)
    sizes = {"a": MASK.shape, "b": MASK.shape}
    write_submission(path, folder, ["a", "b"])
    whole = path.read_bytes()

    @given(damage())
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def broken(how):
        path.write_bytes(how(whole))
        try:
            check_submission(path, sizes, 5)
        except InputError as error:
            assert str(path) in str(error) and "\n" not in str(error)

    broken()
