"""Backbones by name: which weights they start from, and what cannot be one."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from wsss.errors import InputError
from wsss.models.create_backbone import create_backbone

DEIT = "deit_small_patch16_224"


def test_normalisation_is_that_of_the_network():
    assert create_backbone("tf_efficientnet_lite0", None).mean == (0.5, 0.5, 0.5)
    assert create_backbone("tiny_cnn", None).mean == (0.485, 0.456, 0.406)


def test_unknown_network_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'resnet50'"):
        create_backbone("resnt50", None)


def test_unknown_weights_of_a_network_name_the_nearest():
    with pytest.raises(InputError, match="no weights 'mea' of 'vit_base_patch16_224'; did you mean '.*224.mae'"):
        create_backbone("vit_base_patch16_224.mea", None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("swin_tiny_patch4_window7_224", "attends within windows"),
        ("pvt_v2_b0", "attends within windows or to pooled patches"),
        ("nest_tiny", "attends within windows"),
        ("hiera_tiny_224", "attends within windows"),
        ("samvit_base_patch16", "attends within windows"),
        ("vit_tiny_r_s16_p8_224", "mixes convolutions with attention"),
        ("caformer_s18", "mixes convolutions with attention"),
        ("edgenext_xx_small", "mixes convolutions with attention"),
        ("mixer_s16_224", "mixes patches without attention"),
        ("sequencer2d_s", "mixes patches without attention"),
        ("beit_base_patch16_224", "has attention of another kind"),
        ("xcit_nano_12_p16_224", "has attention of another kind"),
    ],
)
def test_network_of_a_third_kind_is_refused_and_why(name, reason):
    with pytest.raises(InputError, match=f"neither a plain vision transformer nor convolutional: it {reason}"):
        create_backbone(name, None)


@pytest.mark.parametrize("name", ["mambaout_femto", "convmixer_768_32", "efficientvim_m1"])
def test_network_without_a_feature_map_is_refused(name):
    with pytest.raises(InputError, match=f"{name}.*no feature map"):
        create_backbone(name, None)


def test_transformer_with_other_blocks_is_refused():
    with pytest.raises(InputError, match="not DeiT's"):
        create_backbone("vit_small_patch16_18x2_224", None)


@pytest.mark.parametrize("name", ["resnest14d", "convnext_atto", "repvit_m0_9"])
def test_cnns_whatever_their_names_say(name):
    assert create_backbone(name, None).kind == "cnn"


@pytest.mark.parametrize("name", ["tiny_transformer", "tiny_cnn"])
def test_network_that_nobody_published_weights_of_has_no_imagenet(name):
    with pytest.raises(InputError, match=f"no ImageNet weights of '{name}'.*name a file, or null"):
        create_backbone(name, "imagenet")


def test_download_that_fails_says_how_to_do_without(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(InputError, match="could not be downloaded .*give a file"):
        create_backbone(DEIT, "imagenet")


def test_weights_of_a_file_are_loaded(tmp_path):
    one = create_backbone("tiny_cnn", None)
    save_file(one.network.state_dict(), tmp_path / "w.safetensors")
    other = create_backbone("tiny_cnn", tmp_path / "w.safetensors")
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_classifier_in_the_file_is_left_out_and_named(tmp_path, capsys):
    weights = create_backbone("tiny_cnn", None).network.state_dict() | {"fc.weight": torch.zeros(10, 128)}
    save_file(weights, tmp_path / "w.safetensors")
    create_backbone("tiny_cnn", tmp_path / "w.safetensors")
    assert "fc.weight" in capsys.readouterr().err


def test_weights_of_another_network_are_refused(tmp_path):
    save_file(create_backbone("tiny_cnn", None).network.state_dict(), tmp_path / "w.safetensors")
    with pytest.raises(InputError, match="w.safetensors: weights of another network"):
        create_backbone("tiny_transformer", tmp_path / "w.safetensors")


def test_imagenet_weights_of_resnet38_are_fetched_before(tmp_path, monkeypatch):
    monkeypatch.setattr("wsss.models.resnet38.ResNet38", lambda **_: torch.nn.Identity())  # spares 100 M weights
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"archives/ilsvrc\S+: no ImageNet weights of 'resnet38' yet; fetch them"):
        create_backbone("resnet38", "imagenet", 8)
