"""Pickled NumPy arrays of strangers, read without running what is in the file."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from wsss.errors import InputError

_ADMITTED = {  # all that arrays and numbers of NumPy 1 and 2 need
    *((f"{core}.multiarray", name) for core in ("numpy.core", "numpy._core") for name in ("_reconstruct", "scalar")),
    *(("numpy", name) for name in ("ndarray", "dtype")),
    ("_codecs", "encode"),
}


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def read_pickled_arrays(path: Path) -> Any:
    """Return what an .npy file of one object holds: dicts, texts, numbers and arrays; all else is an `InputError`."""
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = read(file)
            if shape != () or not dtype.hasobject:
                raise InputError(f"{path}: holds an array of {dtype} {shape}, not {{id: labels}}")
            return _Unpickler(file).load().item()
    except (ValueError, EOFError, AttributeError, ImportError, IndexError, TypeError, pickle.UnpicklingError) as error:
        raise InputError(f"{path}: not arrays that NumPy has pickled ({error})") from None
