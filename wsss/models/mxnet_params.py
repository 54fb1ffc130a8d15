"""MXNet's NDArray lists (`.params`) read without MXNet, and ademxapp's ResNet38 among them.

The format is that of MXNet's src/ndarray/ndarray.cc, little-endian: the list's magic number, a reserved word, the
arrays, their names. An array is its shape, device, type and data; it is preceded by a magic number (v1: shapes in 64
bits, v2: a storage type, v3: shape () is a scalar) or by nothing (v0, 2016: shapes in 32 bits).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch

from wsss.errors import InputError

LIST_MAGIC = 0x112
V1_MAGIC, V2_MAGIC, V3_MAGIC = 0xF993FAC8, 0xF993FAC9, 0xF993FACA
DTYPES = ("<f4", "<f8", "<f2", "u1", "<i4", "i1", "<i8")  # by mshadow's type flag
MAX_DIMENSIONS = 32  # more is no shape but a number read from a foreign file


def read_mxnet_params(path: Path | str) -> dict[str, np.ndarray]:
    """Read an NDArray list file as name → array, names as stored (`arg:…`, `aux:…`).

    Raises `InputError` for a file that is missing, foreign, truncated, or holds sparse or nameless arrays.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            return _read_list(_Reader(file, path))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None


class _Reader:
    """Numbers from a binary file; asking for more than is left is an `InputError` that names the file."""

    def __init__(self, file: BinaryIO, path: Path):
        self.file, self.path = file, path
        self.left = path.stat().st_size

    def array(self, dtype: str, count: int) -> np.ndarray:
        size = count * np.dtype(dtype).itemsize
        if count < 0 or size > self.left:  # before anything of that size is allocated
            raise self.error("the file is cut short: get it again and compare its size")
        self.left -= size
        return np.fromfile(self.file, dtype, count)

    def number(self, dtype: str) -> int:
        return int(self.array(dtype, 1)[0])

    def error(self, why: str) -> InputError:
        return InputError(f"{self.path}: not readable as an MXNet NDArray list: {why}")


def _read_list(reader: _Reader) -> dict[str, np.ndarray]:
    if reader.left < 16 or reader.number("<u8") != LIST_MAGIC:
        raise reader.error("it does not begin with the list's magic number; is it another kind of file?")
    reader.number("<u8")  # reserved
    arrays = [_read_array(reader) for _ in range(reader.number("<u8"))]
    names = [_read_name(reader) for _ in range(reader.number("<u8"))]
    if len(names) != len(arrays) or len(set(names)) != len(names):
        raise reader.error(f"it has {len(set(names))} different names for {len(arrays)} arrays")
    return dict(zip(names, arrays, strict=True))


def _read_name(reader: _Reader) -> str:
    try:
        return reader.array("u1", reader.number("<u8")).tobytes().decode()
    except UnicodeDecodeError:
        raise reader.error("a name in it is not text") from None


def _read_array(reader: _Reader) -> np.ndarray:
    magic = reader.number("<u4")
    if magic in (V2_MAGIC, V3_MAGIC) and reader.number("<i4") != 0:
        raise reader.error("it holds a sparse array, which no weights of a network are")
    if magic in (V1_MAGIC, V2_MAGIC, V3_MAGIC):
        dimensions, word = reader.number("<i4"), "<i8"
    else:  # v0 has no magic: the number is already that of the dimensions
        dimensions, word = magic, "<u4"
    if not 0 <= dimensions <= MAX_DIMENSIONS:
        raise reader.error(f"an array has neither a known version nor a possible shape ({magic:#x})")
    shape = reader.array(word, dimensions).tolist()
    if min(shape, default=0) < 0:
        raise reader.error(f"an array has the impossible shape {shape}")
    if not shape and magic != V3_MAGIC:  # an array that was never filled: nothing follows
        return np.empty(0, np.float32)
    reader.array("<i4", 2)  # device type and number
    flag = reader.number("<i4")
    if not 0 <= flag < len(DTYPES):
        raise reader.error(f"an array has the unknown type {flag}")
    return reader.array(DTYPES[flag], math.prod(shape)).reshape(shape)


BATCH_NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_var": "running_var"}
_CONVOLUTION = re.compile(r"res(\d)(?:a|b(\d+))_(branch\w+)_weight")
_BATCH_NORM = re.compile(r"bn(\d)(?:a|b(\d+))_(branch\w+)_(gamma|beta|moving_mean|moving_var)")
_LAST_NORM = re.compile(r"bn7_(gamma|beta|moving_mean|moving_var)")
_CLASSIFIER = re.compile(r"linear\d+_(weight|bias)")


def _published_name(name: str) -> str | None:
    """Return the state-dict name of ademxapp's parameter `name` (without `arg:`), None for one of another network."""
    if name == "conv1a_weight":
        return "conv1a.weight"
    if match := _LAST_NORM.fullmatch(name):
        return f"bn7.{BATCH_NORM[match[1]]}"
    if match := _CLASSIFIER.fullmatch(name):
        return f"fc.{match[1]}"
    match = _CONVOLUTION.fullmatch(name) or _BATCH_NORM.fullmatch(name)
    if not match:
        return None
    block = f"b{match[1]}_{match[2]}" if match[2] else f"b{match[1]}"
    if match.re is _CONVOLUTION:
        return f"{block}.conv_{match[3]}.weight"
    return f"{block}.bn_{match[3]}.{BATCH_NORM[match[4]]}"


def resnet38_from_mxnet(arrays: Mapping[str, np.ndarray], source: str = "MXNet weights") -> dict[str, torch.Tensor]:
    """Turn ademxapp's arrays of ResNet38 into a state dict with the published PyTorch names.

    Its file is `ilsvrc-cls_rna-a1_cls1000_ep-0001.params`; the ImageNet classifier (linear1000) becomes `fc`. Shapes
    are left to whoever loads the result. Raises `InputError` with the names that are none of ResNet38's.
    """
    state, foreign = {}, []
    for name, array in arrays.items():
        published = _published_name(name.removeprefix("arg:").removeprefix("aux:"))
        if published is None:
            foreign.append(name)
        else:
            state[published] = torch.from_numpy(np.ascontiguousarray(array))
    if foreign:
        raise InputError(
            f"{source}: {len(foreign)} of {len(arrays)} names are not of ademxapp's ResNet38 (model A1): "
            f"{', '.join(foreign[:5])}{', …' if len(foreign) > 5 else ''}; give the file "
            "ilsvrc-cls_rna-a1_cls1000_ep-0001.params, or these weights as .safetensors"
        )
    return state
