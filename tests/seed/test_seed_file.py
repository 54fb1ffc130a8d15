"""The contract of seed files."""

import numpy as np
import pytest

from wsss.errors import InputError
from wsss.seed.seed_file import read_seed, seed_at_full_size, write_seed


@pytest.fixture
def maps():
    return np.random.default_rng(0).random((2, 6, 8)).astype(np.float16)


def test_a_seed_comes_back_as_it_was_written(tmp_path, maps):
    write_seed(tmp_path / "a.npz", np.array([3, 7]), maps, (24, 31))
    seed = read_seed(tmp_path / "a.npz")
    assert seed.classes.tolist() == [3, 7]
    assert np.array_equal(seed.maps, maps)
    assert seed.maps.dtype == np.float16
    assert seed.image_size == (24, 31)


def test_the_same_seed_gives_the_same_bytes(tmp_path, maps):
    for name in "ab":
        write_seed(tmp_path / name, np.array([3, 7]), maps, (24, 31))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_an_image_without_labels_has_a_seed_without_maps(tmp_path):
    write_seed(tmp_path / "a.npz", np.zeros(0, int), np.zeros((0, 6, 8)), (24, 31))
    seed = read_seed(tmp_path / "a.npz")
    assert len(seed.classes) == 0
    assert seed_at_full_size(seed).shape == (0, 24, 31)


def test_full_size_is_bilinear_without_aligned_corners(tmp_path):
    write_seed(tmp_path / "a.npz", np.array([1]), np.array([[[0.0, 1.0]]]), (1, 8))
    full = seed_at_full_size(read_seed(tmp_path / "a.npz"))
    assert full.dtype == np.float32
    assert np.allclose(full[0, 0], [0, 0, 0.125, 0.375, 0.625, 0.875, 1, 1])


@pytest.mark.parametrize("name", ["text", "empty", "truncated", "array", "keys", "pickle", "range", "directory"])
def test_what_is_not_a_seed_is_refused_by_name(tmp_path, maps, name):
    path = tmp_path / "broken.npz"
    good = {"classes": np.array([3, 7]), "maps": maps, "image_size": np.array([24, 31])}
    if name == "text":
        path.write_text("not a seed")
    elif name == "empty":
        path.touch()
    elif name == "truncated":
        write_seed(path, good["classes"], maps, (24, 31))
        path.write_bytes(path.read_bytes()[:-100])
    elif name == "array":
        with path.open("wb") as file:
            np.save(file, maps)
    elif name == "keys":
        np.savez(path, classes=good["classes"], cams=maps, image_size=good["image_size"])
    elif name == "pickle":
        np.savez(path, **{**good, "maps": np.array({3: maps}, dtype=object)})
    elif name == "range":
        np.savez(path, **{**good, "maps": maps + 1})
    else:
        path.mkdir()
    with pytest.raises(InputError, match=r"broken\.npz: .*extract_seed"):
        read_seed(path)


def test_a_damaged_byte_is_noticed(tmp_path, maps):
    path = tmp_path / "broken.npz"
    write_seed(path, np.array([3, 7]), maps, (24, 31))
    content = bytearray(path.read_bytes())
    content[content.find(maps.tobytes()[:16]) + 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.npz"):
        read_seed(path)


def test_a_missing_seed_is_named(tmp_path):
    with pytest.raises(InputError, match="gone.npz: no such file"):
        read_seed(tmp_path / "gone.npz")


@pytest.mark.parametrize(
    ("classes", "value", "fault"),
    [([3], 0.5, "are not"), ([0, 3], 0.5, "ascending"), ([7, 3], 0.5, "ascending"), ([3, 7], np.nan, "outside")],
)
def test_a_wrong_seed_is_not_written(tmp_path, classes, value, fault):
    with pytest.raises(ValueError, match=fault):
        write_seed(tmp_path / "a.npz", np.array(classes), np.full((2, 6, 8), value), (24, 31))
    assert not list(tmp_path.iterdir())
