"""Weights: files of every kind read without running them, and loaded without leaving anything out unsaid."""

import os
import pickle
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from timm.models.vision_transformer import VisionTransformer
from torch import nn

from wsss.errors import InputError
from wsss.models.weights import load_weights, read_weights, write_weights


def small_network(classes: int = 3) -> nn.Module:
    layers = {"body": nn.Linear(4, 5), "norm": nn.BatchNorm1d(5), "head": nn.Linear(5, classes)}
    return nn.Sequential(OrderedDict(layers))


def vision_transformer(grid: tuple[int, int], **options) -> VisionTransformer:
    size = (4 * grid[0], 4 * grid[1])
    return VisionTransformer(img_size=size, patch_size=4, embed_dim=8, depth=1, num_heads=1, num_classes=0, **options)


def body_weights() -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return {"body.weight": torch.randn(5, 4), "body.bias": torch.randn(5)}


# Files


def test_safetensors_come_back_as_written_with_their_metadata(tmp_path):
    tied = torch.arange(6.0).view(2, 3)
    state = {"a": tied, "transposed": tied.t(), "count": torch.tensor(3), "half": torch.ones(2).half()}
    path = tmp_path / "made" / "w.safetensors"
    write_weights(path, state, {"backbone": "resnet38"})
    read = read_weights(path)
    assert set(read) == set(state)
    assert all(torch.equal(read[name], value) and read[name].dtype == value.dtype for name, value in state.items())
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"backbone": "resnet38"}
    assert [p.name for p in path.parent.iterdir()] == ["w.safetensors"]


def test_equal_weights_are_equal_files_in_every_process(tmp_path):
    """Their metadata, too, which safetensors writes in any order."""
    program = (
        "import sys, torch; from pathlib import Path; from wsss.models.weights import write_weights; "
        "write_weights(Path(sys.argv[1]), {'ä': torch.ones(2), 'a': torch.zeros(3)}, {k: 'ß' + k for k in 'ecdab'})"
    )
    paths = [tmp_path / f"{number}.safetensors" for number in range(3)]
    for path in paths:
        subprocess.run([sys.executable, "-c", program, path], check=True, cwd=Path(__file__).parents[2])
        with safe_open(path, "pt") as file:
            assert file.metadata() == {k: "ß" + k for k in "abcde"}
            assert set(file.keys()) == {"ä", "a"}
    assert len({path.read_bytes() for path in paths}) == 1


class Hostile:
    def __init__(self, command: str):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("zipped", [True, False])
def test_pickle_that_runs_code_is_refused_and_does_not_run(tmp_path, zipped):
    trace = tmp_path / "ran"
    torch.save({**body_weights(), "x": Hostile(f"touch {trace}")}, tmp_path / "h.pth", pickle_protocol=2,
               _use_new_zipfile_serialization=zipped)  # fmt: skip
    with pytest.raises(InputError, match=r"h\.pth: refused.* run \w+\.system.*save_file"):
        read_weights(tmp_path / "h.pth")
    assert not trace.exists()
    torch.load(tmp_path / "h.pth", weights_only=False)
    assert trace.exists()  # so the file was a live one


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
def test_plain_pickle_is_refused_and_does_not_run(tmp_path):
    trace = tmp_path / "ran"
    (tmp_path / "p.pth").write_bytes(pickle.dumps({"a": Hostile(f"touch {trace}")}))
    with pytest.raises(InputError, match=r"p\.pth: refused.*pickle.*save_file"):
        read_weights(tmp_path / "p.pth")
    assert not trace.exists()


def test_checkpoint_with_a_python_object_is_refused_naming_it(tmp_path):
    torch.save({"model": body_weights(), "args": Hostile("true").__class__}, tmp_path / "c.pth")
    with pytest.raises(InputError, match=r"refused.*Hostile.*convert"):
        read_weights(tmp_path / "c.pth")


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("suffix", [".safetensors", ".pth", ".pt", ".bin", ".params"])
def test_missing_empty_and_foreign_files_are_refused_by_name(tmp_path, suffix):
    path = tmp_path / f"weights{suffix}"
    with pytest.raises(InputError, match=f"weights{suffix}: no such file"):
        read_weights(path)
    for content in (b"", b"<!DOCTYPE html><html>404</html>", b"hello world" * 10, pickle.dumps({"a": 1})):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"weights{suffix}: "):
            read_weights(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_truncated_file_is_refused_as_broken(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    state = {"a": torch.ones(5000)}
    write_weights(path, state, {}) if suffix == ".safetensors" else torch.save(state, path)
    content = path.read_bytes()
    for length in (len(content) // 2, len(content) - 1, 9):
        path.write_bytes(content[:length])
        with pytest.raises(InputError, match=f"w{suffix}: cut, or not .*; get or make it again"):
            read_weights(path)


@pytest.mark.parametrize(
    ("checkpoint", "reason"),
    [
        ({}, "no weights in it.*empty"),
        ({"epoch": 3}, "no weights in it.*epoch"),
        ({"model": {0: torch.ones(2)}}, "no weights in it"),
        ([torch.ones(2)], "holds a list"),
        ({"a": torch.ones(2), "b": 3}, "not only tensors among the weights: b;"),
    ],
)
def test_checkpoint_without_a_state_dict_is_refused(tmp_path, checkpoint, reason):
    torch.save(checkpoint, tmp_path / "c.pt")
    with pytest.raises(InputError, match=f"c.pt: .*{reason}"):
        read_weights(tmp_path / "c.pt")


def test_unknown_suffix_is_refused_with_the_known_ones(tmp_path):
    (tmp_path / "w.h5").write_bytes(b"x")
    with pytest.raises(InputError, match=r"w\.h5: unknown kind.*\.safetensors"):
        read_weights(tmp_path / "w.h5")


# Networks


def test_own_weights_load_without_a_word():
    torch.manual_seed(0)
    source, target = small_network(), small_network()
    assert load_weights(target, source.state_dict(), "w.pth") == []
    assert all(torch.equal(a, b) for a, b in zip(source.parameters(), target.parameters(), strict=True))


def test_missing_and_left_over_classifiers_are_reported_and_the_rest_is_loaded():
    weights = {**small_network().state_dict(), "fc8.weight": torch.ones(2, 5)}
    del weights["head.bias"], weights["norm.num_batches_tracked"]
    network = small_network()
    messages = load_weights(network, weights, "w.pth")
    assert len(messages) == 2
    assert "w.pth: head.bias (3) is missing" in messages[0]
    assert "w.pth: fc8.weight (2, 5) is not part of the network" in messages[1]
    assert torch.equal(network.body.weight, weights["body.weight"])


def test_classifier_of_other_classes_is_reported_and_left_as_it_was():
    network = small_network(classes=3)
    before = network.head.weight.clone()
    messages = load_weights(network, small_network(classes=7).state_dict(), "w.pth")
    assert any("head.weight is (7, 5) where the network has (3, 5)" in message for message in messages)
    assert torch.equal(network.head.weight, before)


def test_weights_of_another_network_are_refused_and_nothing_is_loaded():
    network = small_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    other = {**network.state_dict(), "body.weight": torch.ones(4, 4), "body.bias": torch.ones(5)}
    other |= {f"layer{i}.weight": torch.ones(i, 2) for i in range(7)}
    del other["norm.running_mean"]
    with pytest.raises(InputError) as caught:
        load_weights(network, other, "other.pth")
    message = str(caught.value)
    assert message.startswith("other.pth: ")
    assert "1 missing: norm.running_mean (5)" in message
    assert "7 unexpected: layer0.weight (0, 2), layer1.weight (1, 2)" in message
    assert "layer6" not in message
    assert "1 of another shape: body.weight (4, 4) where the network has (5, 4)" in message
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_only_the_layers_named_may_be_missing():
    weights = small_network().state_dict()
    del weights["head.weight"]
    with pytest.raises(InputError, match=r"1 missing: head\.weight"):
        load_weights(small_network(), weights, "w.pth", allow_missing=())


@pytest.mark.parametrize("options", [{}, {"reg_tokens": 2}, {"no_embed_class": True}])
def test_position_embedding_of_another_grid_is_resampled_rows_to_rows(options):
    source, target = vision_transformer((4, 4), **options), vision_transformer((6, 3), **options)
    prefix = source.pos_embed.shape[1] - 16
    weights = source.state_dict()
    weights["pos_embed"][:, prefix:] = torch.arange(4.0).repeat_interleave(4).view(1, 16, 1)  # the row's number
    [message] = load_weights(target, weights, "deit.pth")
    assert "deit.pth: pos_embed resampled from 4×4 to 6×3" in message
    assert torch.equal(target.pos_embed[:, :prefix], source.pos_embed[:, :prefix])
    grid = target.pos_embed[0, prefix:].detach().view(6, 3, 8)
    torch.testing.assert_close(grid, grid[:, :1, :1].expand_as(grid))  # the same all along a row
    assert (grid[:, 0, 0].diff() > 0).all()
    torch.testing.assert_close(grid[:, 0, 0].mean(), torch.tensor(1.5))


@pytest.mark.parametrize("resize", [True, False])
def test_position_embedding_that_cannot_be_resampled_is_of_another_shape(resize):
    weights = vision_transformer((4, 4) if not resize else (4, 5)).state_dict()
    with pytest.raises(InputError, match="1 of another shape: pos_embed"):
        load_weights(vision_transformer((6, 3)), weights, "deit.pth", resize_position_embedding=resize)
