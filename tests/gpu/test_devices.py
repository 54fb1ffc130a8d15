"""Which GPUs the driver lists, whole and divided."""

from wsss.gpu.devices import Device, devices, listed

LISTING = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6-d33d-2b2c-524d-9e3d8d2b8a77)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 4g.20gb     Device  1: (UUID: MIG-cba663e8-9bed-5b25-b243-5985ef7c9beb)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-eb79f3b4-2a9c-4f0e-8f5b-2f9b6a4c9c11)"""


def test_a_divided_gpu_is_its_parts():
    first, second = listed(LISTING)
    assert [unit[:12] for unit in first.units] == ["MIG-c6d4f1ef", "MIG-cba663e8"]
    assert second == Device("GPU-eb79f3b4-2a9c-4f0e-8f5b-2f9b6a4c9c11") and second.units == (second.uuid,)


def test_a_machine_without_a_driver_has_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert devices() == []


def test_a_driver_without_the_program_that_lists_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("wsss.gpu.devices._DRIVER", tmp_path)
    assert devices() == [] and "nvidia-smi is not on PATH" in capsys.readouterr().err


def test_a_driver_that_finds_no_gpu_has_none(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert devices() == []
