"""MXNet's .params files, read without MXNet, and ResNet38's names in them."""

import json
import struct

import numpy as np
import pytest
from paths import GOLDEN

from wsss.errors import InputError
from wsss.models.mxnet_params import read_mxnet_params, resnet38_from_mxnet
from wsss.models.weights import read_weights

VERSIONS = {0: None, 1: 0xF993FAC8, 2: 0xF993FAC9, 3: 0xF993FACA}


def mxnet_file(version: int, arrays: dict[str, np.ndarray]) -> bytes:
    """Lay out arrays as MXNet's NDArray::Save did in each version of its list format."""
    flags = ["float32", "float64", "float16", "uint8", "int32", "int8", "int64"]
    content = struct.pack("<QQQ", 0x112, 0, len(arrays))
    for array in arrays.values():
        if version:
            content += struct.pack("<I", VERSIONS[version])
        if version >= 2:
            content += struct.pack("<i", 0)  # dense
        content += struct.pack(f"<I{array.ndim}{'q' if version else 'I'}", array.ndim, *array.shape)
        content += struct.pack("<iii", 2, 1, flags.index(array.dtype.name)) + array.tobytes()  # saved on GPU 1
    content += struct.pack("<Q", len(arrays))
    for name in arrays:
        content += struct.pack("<Q", len(name.encode())) + name.encode()
    return content


@pytest.mark.parametrize("name", ["mxnet_v0.params", "mxnet_v2.params"])
def test_files_that_mxnet_wrote_are_read_exactly(name):
    arrays = read_mxnet_params(GOLDEN / name)
    expected = {key.replace("__", ":"): value for key, value in np.load(GOLDEN / "mxnet_expected.npz").items()}
    assert list(arrays) == list(expected)
    for key, value in expected.items():
        assert arrays[key].dtype == value.dtype
        np.testing.assert_array_equal(arrays[key], value)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "uint8", "int32", "int8", "int64"])
def test_every_version_and_type_of_mxnet_array_is_read(tmp_path, version, dtype):
    arrays = {"arg:a": np.arange(24).reshape(2, 3, 4).astype(dtype), "aux:größe": np.array([7, 100], dtype)}
    (tmp_path / "x.params").write_bytes(mxnet_file(version, arrays))
    read = read_mxnet_params(tmp_path / "x.params")
    assert list(read) == list(arrays)
    for key, value in arrays.items():
        assert read[key].dtype == value.dtype
        np.testing.assert_array_equal(read[key], value)


def test_an_empty_shape_is_a_scalar_from_version_3_on(tmp_path):
    (tmp_path / "x.params").write_bytes(mxnet_file(3, {"a": np.array(5.0, "float32")}))
    assert read_mxnet_params(tmp_path / "x.params")["a"].shape == ()


@pytest.mark.parametrize("name", ["mxnet_v0.params", "mxnet_v2.params"])
def test_mxnet_file_cut_anywhere_is_refused_by_name(tmp_path, name):
    content = (GOLDEN / name).read_bytes()
    cut = tmp_path / "cut.params"
    for length in range(0, len(content), 13):
        cut.write_bytes(content[:length])
        with pytest.raises(InputError, match="cut.params: not readable as an MXNet"):
            read_mxnet_params(cut)


@pytest.mark.parametrize("content", [b"PK\x03\x04" * 20, struct.pack("<QQQI", 0x112, 0, 1, 0xDEADBEEF) * 4])
def test_foreign_params_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "foreign.params").write_bytes(content)
    with pytest.raises(InputError, match=r"foreign\.params"):
        read_weights(tmp_path / "foreign.params")


def ademxapp_names() -> list[str]:
    """Names as ademxapp's symbol files build them for model A1: level, block, branch."""
    names = ["arg:conv1a_weight", "arg:linear1000_weight", "arg:linear1000_bias"]
    norms = ["bn7"]
    for level, blocks in ((2, 3), (3, 3), (4, 6), (5, 3), (6, 1), (7, 1)):
        for block in ["a"] + [f"b{i}" for i in range(1, blocks)]:
            branches = ["branch2a", "branch2b1"] + (["branch2b2"] if level >= 6 else [])
            norms += [f"bn{level}{block}_{branch}" for branch in branches]
            shortcut = ["branch1"] if block == "a" else []
            names += [f"arg:res{level}{block}_{branch}_weight" for branch in branches + shortcut]
    names += [f"arg:{norm}_{kind}" for norm in norms for kind in ("gamma", "beta")]
    return names + [f"aux:{norm}_{kind}" for norm in norms for kind in ("moving_mean", "moving_var")]


def test_ademxapp_names_become_all_of_the_published_names_and_the_classifier():
    published = {name for name, _ in json.loads((GOLDEN / "resnet38_state_dict.json").read_text())["state_dict"]}
    published = {name for name in published if not name.endswith("num_batches_tracked")}
    state = resnet38_from_mxnet({name: np.zeros(0, np.float32) for name in ademxapp_names()})
    assert set(state) == published | {"fc.weight", "fc.bias"}


def test_params_arrive_under_the_name_of_the_same_layer():
    expected = np.load(GOLDEN / "mxnet_expected.npz")
    state = read_weights(GOLDEN / "mxnet_v0.params")
    for published, stored in {
        "b3_2.conv_branch2b1.weight": "arg__res3b2_branch2b1_weight",
        "b2.bn_branch2a.weight": "arg__bn2a_branch2a_gamma",
        "b2.bn_branch2a.bias": "arg__bn2a_branch2a_beta",
        "b2.bn_branch2a.running_mean": "aux__bn2a_branch2a_moving_mean",
        "b2.bn_branch2a.running_var": "aux__bn2a_branch2a_moving_var",
        "fc.weight": "arg__linear1000_weight",
    }.items():
        np.testing.assert_array_equal(state[published].numpy(), expected[stored])


def test_params_of_another_network_are_refused_with_their_names():
    arrays = {"arg:conv1a_weight": np.zeros(1), "arg:stage1_unit1_conv1_weight": np.zeros(1)}
    with pytest.raises(InputError, match=r"vgg\.params: 1 of 2 names .*arg:stage1_unit1_conv1_weight"):
        resnet38_from_mxnet(arrays, "vgg.params")
