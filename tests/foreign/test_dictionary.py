"""What a foreign file may hold, and that nothing else in it is run."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch

from wsss.errors import InputError
from wsss.foreign.dictionary import read_dictionary, write_dictionary


def refusal(call, *arguments) -> str:
    with pytest.raises(InputError) as error:
        call(*arguments)
    return str(error.value)


class Runs:
    """A pickle of this calls a function."""

    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize(
    ("function", "arguments"), [(os.mkdir, ("run",)), (eval, ("1",)), (np.fromfile, ("x",)), (getattr, ({}, "get"))]
)
def test_a_file_that_would_run_something_is_refused_by_the_name_it_asks_for(tmp_path, monkeypatch, function, arguments):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", {3: Runs(function, *arguments)}, allow_pickle=True)
    message = refusal(read_dictionary, Path("a.npy"))
    assert message.startswith("a.npy: ") and f".{function.__name__}" in message
    assert not Path("run").exists()


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_arrays_and_tensors_are_read_from_every_protocol(tmp_path, protocol):
    maps = torch.arange(6.0).reshape(1, 2, 3)
    held = OrderedDict(keys=np.int64(4), cam=maps, high_res=maps.numpy().astype(np.float16))
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": ()})
        array = np.empty((), object)
        array[()] = dict(held)
        pickle.dump(array, file, protocol=protocol)
    if protocol == 5:  # numpy has another way to write arrays in it, which no published file has
        assert "_frombuffer" in refusal(read_dictionary, path)
        return
    found = read_dictionary(path)
    assert found["keys"] == 4 and torch.equal(found["cam"], maps) and found["high_res"].dtype == np.float16


def test_what_is_no_dictionary_is_named(tmp_path):
    path = tmp_path / "a.npy"
    assert "no such file" in refusal(read_dictionary, path)
    path.write_bytes(b"text")
    assert "not a dictionary of arrays" in refusal(read_dictionary, path)
    np.save(path, np.zeros((2, 3)))
    assert "it is an array of float64, (2, 3)" in refusal(read_dictionary, path)
    np.save(path, np.array([{}, {}], object), allow_pickle=True)
    assert "(2,)" in refusal(read_dictionary, path)


def test_what_is_written_is_read_again_and_asks_for_names_that_every_numpy_has(tmp_path):
    held = {2: np.arange(6, dtype=np.float32).reshape(2, 3), "cam": torch.arange(4.0), "keys": np.int32(7)}
    path = tmp_path / "a.npy"
    write_dictionary(path, held)
    assert b"numpy._core" not in path.read_bytes() and b"numpy.core.multiarray" in path.read_bytes()
    found = read_dictionary(path)
    assert list(found) == [2, "cam", "keys"] and found["keys"] == 7
    assert np.array_equal(found[2], held[2]) and torch.equal(found["cam"], held["cam"])
    assert np.array_equal(np.load(path, allow_pickle=True).item()[2], held[2])
