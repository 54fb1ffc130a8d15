"""A dictionary in an `.npy` file, as published methods pickle their seeds: read, running nothing in it, and written."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from wsss.errors import InputError, one_line

_NUMPY = {
    *(("numpy.core.multiarray", name) for name in ("_reconstruct", "scalar")),
    *(("numpy._core.multiarray", name) for name in ("_reconstruct", "scalar")),  # written by numpy 2
}


class _Tensor:
    """`torch._utils._rebuild_tensor_v2`; without attributes, so that no pickle can change it."""

    __slots__ = ()

    def __call__(self, *arguments: Any) -> Any:
        from torch._utils import _rebuild_tensor_v2  # here, as most files hold none, and torch takes seconds

        return _rebuild_tensor_v2(*arguments)


class _Storage:
    """`torch.storage._load_from_bytes`, whose bytes are a stream of `torch.save`: only weights are taken from it."""

    __slots__ = ()

    def __call__(self, content: bytes) -> Any:
        import torch

        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


_OTHERS: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _Tensor(),
    ("torch.storage", "_load_from_bytes"): _Storage(),
}


class _Unpickler(pickle.Unpickler):
    """Admits what arrays and tensors are made of, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _NUMPY:
            return getattr(import_module("numpy._core.multiarray"), name)
        if (module, name) == ("_codecs", "encode"):
            return super().find_class(module, name)
        if (module, name) not in _OTHERS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no seed needs")
        return _OTHERS[module, name]


def read_dictionary(path: Path) -> dict[Any, Any]:
    """Return the dictionary that an `.npy` file holds; an `InputError` names one that holds anything else.

    The file is what `numpy.save(path, dictionary)` writes: an array of no dimensions that holds an object.
    """
    try:
        with Path(path).open("rb") as file:
            version = np.lib.format.read_magic(file)
            read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
            shape, _, dtype = read_header[version](file)
            if shape != () or not dtype.hasobject:
                raise ValueError(f"it is an array of {dtype}, {shape}")
            found = _Unpickler(file, encoding="latin1").load()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except Exception as error:  # of a broken pickle anything can come, of torch a page that advises to run it
        reason = one_line(str(error).rpartition("WeightsUnpickler error:")[2] or type(error).__name__)
        raise InputError(f"{path}: not a dictionary of arrays as numpy.save writes it ({reason})") from None
    found = found.item() if isinstance(found, np.ndarray) and found.shape == () else found
    if not isinstance(found, dict):
        raise InputError(f"{path}: not a dictionary of arrays, but a {type(found).__name__}")
    return found


def write_dictionary(path: Path, dictionary: Mapping[Any, Any]) -> None:
    """Write a dictionary of arrays and tensors as `numpy.save` does, so that also the numpy of ten years ago reads it.

    numpy 2 names its own functions by a module that earlier ones do not have, in a protocol of which the same holds.
    """
    held = np.empty((), object)
    held[()] = dict(dictionary)
    pickled = pickle.dumps(held, protocol=3).replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    with Path(path).open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": ()})
        file.write(pickled)
