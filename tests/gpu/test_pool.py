"""Among which GPUs a job chooses, and that each has one identity, whatever it is called."""

import pytest

from wsss.gpu.devices import Device
from wsss.gpu.pool import pool

DEVICES = [Device("GPU-aaa"), Device("GPU-abb", ("MIG-1", "MIG-2")), Device("GPU-ccc")]


def names(visible: str) -> list[tuple[str, str]]:
    return [tuple(gpu) for gpu in pool({"CUDA_VISIBLE_DEVICES": visible}, DEVICES)]


def test_all_and_all_parts_where_nothing_is_said():
    assert [gpu.entry for gpu in pool({}, DEVICES)] == ["GPU-aaa", "MIG-1", "MIG-2", "GPU-ccc"]


@pytest.mark.parametrize(
    ("visible", "found"),
    [
        ("2, 0", [("2", "GPU-ccc"), ("0", "GPU-aaa")]),
        ("1", [("1", "MIG-1")]),  # CUDA takes the first part
        ("7", [("7", "7")]),
        ("GPU-ab,MIG-2", [("GPU-ab", "MIG-1"), ("MIG-2", "MIG-2")]),
        ("GPU-a", [("GPU-a", "GPU-a")]),  # the beginning of two
        ("MIG-GPU-aaa/1/0", [("MIG-GPU-aaa/1/0", "MIG-GPU-aaa/1/0")]),
        ("0,GPU-aaa", [("0", "GPU-aaa")]),  # twice the same
    ],
)
def test_what_is_set_from_outside_is_the_pool_as_it_is_written(visible, found):
    assert names(visible) == found


@pytest.mark.parametrize(("visible", "entries"), [("", []), ("-1", []), ("NoDevFiles", []), ("0,-1,2", ["0"])])
def test_nothing_after_what_cuda_does_not_know(visible, entries):
    assert [entry for entry, _ in names(visible)] == entries
