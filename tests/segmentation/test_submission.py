"""The archive for the VOC evaluation server, and the check that lets only a right one pass."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from wsss.errors import InputError
from wsss.files import write_mask
from wsss.segmentation.submission import FOLDER, check_submission, write_submission

SIZES = {"2008_000006": (20, 30), "2008_000011": (31, 17)}


@pytest.fixture
def predictions(tmp_path):
    folder = tmp_path / "predictions"
    folder.mkdir()
    for number, (image_id, size) in enumerate(SIZES.items()):
        write_mask(folder / f"{image_id}.png", np.full(size, number))
    return folder


def pack(path, members: dict[str, bytes]):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def members(predictions) -> dict[str, bytes]:
    return {f"{FOLDER}/{image_id}.png": (predictions / f"{image_id}.png").read_bytes() for image_id in SIZES}


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_a_written_submission_passes_and_has_the_servers_layout(tmp_path, predictions):
    path = tmp_path / "submission.tar.gz"
    write_submission(path, predictions, list(SIZES))
    check_submission(path, SIZES, num_classes=20)
    with tarfile.open(path) as archive:
        assert archive.getnames() == [f"results/VOC2012/Segmentation/comp6_test_cls/{name}.png" for name in SIZES]


def test_equal_predictions_give_equal_bytes(tmp_path, predictions):
    for name in ("a", "b"):
        write_submission(tmp_path / name, predictions, list(SIZES))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_missing_prediction_is_refused_by_name(tmp_path, predictions):
    (predictions / "2008_000011.png").unlink()
    with pytest.raises(InputError, match="2008_000011"):
        write_submission(tmp_path / "a", predictions, list(SIZES))


def wrong_archives(predictions):
    good = members(predictions)
    first = f"{FOLDER}/2008_000006.png"
    palette = Image.open(io.BytesIO(good[first])).getpalette()
    grey = Image.fromarray(np.zeros((20, 30), np.uint8))
    shifted = Image.fromarray(np.zeros((20, 30), np.uint8))
    shifted.putpalette(palette[3:] + palette[:3])
    foreign = Image.fromarray(np.full((20, 30), 21, np.uint8))
    foreign.putpalette(palette)
    return {
        "missing": {name: content for name, content in good.items() if name != first},
        "does not belong": {**good, "readme.txt": b"hello"},
        "20x30": {**good, first: good[f"{FOLDER}/2008_000011.png"]},
        "mode L": {**good, first: png(grey)},
        "palette": {**good, first: png(shifted)},
        "class 21": {**good, first: png(foreign)},
        "not an image": {**good, first: b"\x89PNG broken"},
    }


@pytest.mark.parametrize(
    "message", ["missing", "does not belong", "20x30", "mode L", "palette", "class 21", "not an image"]
)
def test_a_wrong_submission_is_refused(tmp_path, predictions, message):
    path = pack(tmp_path / "a.tar.gz", wrong_archives(predictions)[message])
    with pytest.raises(InputError, match=message):
        check_submission(path, SIZES, num_classes=20)


def test_a_truncated_archive_is_refused(tmp_path, predictions):
    path = tmp_path / "a.tar.gz"
    write_submission(path, predictions, list(SIZES))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match="not a whole tar.gz|missing"):
        check_submission(path, SIZES, num_classes=20)
