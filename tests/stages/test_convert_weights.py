"""stages/convert_weights.py: published weights to safetensors, with what does not fit said."""

from __future__ import annotations

import os
import pickle

import pytest
import torch
from paths import GOLDEN
from program import run_program
from safetensors import safe_open
from safetensors.torch import load_file

from wsss.models.create_backbone import create_backbone
from wsss.models.weights import read_weights


def test_mxnet_file_becomes_the_same_tensors_as_safetensors(tmp_path):
    source, out = GOLDEN / "mxnet_v2.params", tmp_path / "resnet38.safetensors"
    done = run_program("convert_weights", "--weights", source, "--out", out)
    assert done.returncode == 0, done.stderr
    expected = read_weights(source)
    found = load_file(out)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert f"{len(expected)} tensors" in done.stdout
    with safe_open(out, "pt") as file:
        assert file.metadata() == {"source": "mxnet_v2.params"}


def test_checkpoint_of_a_backbone_is_checked_and_its_classifier_listed(tmp_path):
    torch.manual_seed(0)
    state = create_backbone("tiny_cnn", None).network.state_dict()
    classifier = {"fc.weight": torch.zeros(10, 128), "fc.bias": torch.zeros(10)}
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in (state | classifier).items()}}, tmp_path / "a.pth"
    )
    done = run_program(
        "convert_weights",
        "--weights",
        tmp_path / "a.pth",
        "--backbone",
        "tiny_cnn",
        "--out",
        tmp_path / "a.safetensors",
    )
    assert done.returncode == 0, done.stderr
    assert "fc.weight (10, 128) is not part of the network, not used" in done.stdout
    network = create_backbone("tiny_cnn", tmp_path / "a.safetensors").network
    assert all(torch.equal(value, state[name]) for name, value in network.state_dict().items())


def test_weights_of_another_network_are_refused_with_their_names_and_nothing_is_written(tmp_path):
    torch.save(create_backbone("tiny_cnn", None).network.state_dict(), tmp_path / "a.pth")
    done = run_program(
        "convert_weights",
        "--weights",
        tmp_path / "a.pth",
        "--backbone",
        "tiny_transformer",
        "--out",
        tmp_path / "o.safetensors",
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "missing: " in done.stderr and "cls_token" in done.stderr and "stem.0.weight" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.pth"]


class Dangerous:
    def __reduce__(self):
        return (os.mkdir, ("never_made",))


@pytest.mark.parametrize("save", ["torch", "pickle"])
def test_pickle_that_wants_to_run_code_is_refused(tmp_path, save):
    path = tmp_path / "a.pth"
    if save == "torch":
        torch.save({"w": Dangerous()}, path)
    else:
        path.write_bytes(pickle.dumps(Dangerous()))
    done = run_program("convert_weights", "--weights", path, "--out", "o.safetensors", folder=tmp_path)
    assert done.returncode == 1 and "refused" in done.stderr and "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.pth"]
