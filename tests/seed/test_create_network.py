"""Class-token networks from weights of MCTformer, of a plain transformer and of their own: started, extracted with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from mctformer import published_weights
from small import params, seed_settings, write_dataset

from stages.extract_seed import run as extract_seed
from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.models.class_token_network import ClassTokenNetwork
from wsss.models.create_backbone import create_backbone
from wsss.models.trained import NETWORK_FILE, open_trained
from wsss.models.weights import write_weights
from wsss.seed.create_network import create_seed_network
from wsss.seed.seed_file import read_seed

DEIT = "deit_small_patch16_224"
NAMES = {1: "mct", 2: "mct_v2"}


def create(mapping: str, weights: Path | None = None, classes: int = 20, backbone: str = DEIT) -> ClassTokenNetwork:
    settings = seed_settings(mapping=mapping, regularization="none", backbone=backbone)
    return create_seed_network(settings, classes, weights)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> dict[int, Path]:
    """Checkpoints as MCTformer's training writes them."""
    folder = tmp_path_factory.mktemp("published")
    paths = {version: folder / f"MCTformerV{version}.pth" for version in NAMES}
    for version, path in paths.items():
        torch.save({"model": published_weights(version)}, path)
    return paths


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> dict[int, Path]:
    """The same of three classes and a tiny transformer."""
    folder = tmp_path_factory.mktemp("small")
    paths = {version: folder / f"tiny_v{version}.pth" for version in NAMES}
    for version, path in paths.items():
        torch.manual_seed(version)
        state = create(NAMES[version], None, 3, "tiny_transformer").state_dict()
        state = {name.removeprefix("backbone.network."): value for name, value in state.items()}
        unused = {"norm.weight": torch.ones(128), "norm.bias": torch.ones(128)}
        unused |= {"head.weight": torch.ones(3, 128), "head.bias": torch.ones(3)} if version == 1 else {}
        torch.save({"model": state | unused}, path)
    return paths


def check_equal(network: ClassTokenNetwork, weights: dict[str, torch.Tensor]) -> None:
    """Every value of the network is that of the published name."""
    for name, value in network.state_dict().items():
        assert torch.equal(value, weights[name.removeprefix("backbone.network.")]), name


@pytest.mark.parametrize("version", NAMES)
def test_published_checkpoint_is_started_from_and_opened(published, version, capsys):
    check_equal(create(NAMES[version], published[version]), published_weights(version))
    network = create(NAMES[version])
    open_trained(network, published[version])
    check_equal(network, published_weights(version))
    assert capsys.readouterr().err == ""  # nothing that an output depends on was left out


@pytest.mark.parametrize("version", NAMES)
def test_seeds_are_extracted_with_a_checkpoint_in_the_published_form(small, version, tmp_path):
    dataset, own = write_dataset(tmp_path / "data"), tmp_path / "seed_network"
    network = create(NAMES[version], small[version], 3, "tiny_transformer")
    write_weights(own / NETWORK_FILE, network.state_dict(), {})
    names = dataset.split("train")
    parameters = resolve(params(), "toy", f"mapping={NAMES[version]},regularization=none")
    for made, weights in (("a", small[version]), ("b", own)):
        extract_seed(parameters, data=tmp_path / "data", network=weights, out=tmp_path / made, threads=1)
    published, ours = ([read_seed(tmp_path / made / f"{name}.npz").maps for name in names] for made in "ab")
    assert all(np.array_equal(a, b) for a, b in zip(published, ours, strict=True))
    assert any(maps.max() == 1 for maps in published)


def test_the_other_version_is_a_start_that_says_what_it_lacks(small, capsys):
    weights = torch.load(small[2])["model"]
    check_equal(create("mct", small[2], 3, "tiny_transformer"), weights)
    assert "head.weight (3, 128, 3, 3) is not part of the network, not used" in capsys.readouterr().err
    network = create("mct_v2", small[1], 3, "tiny_transformer")
    assert torch.equal(network.backbone.network.cls_token, torch.load(small[1])["model"]["cls_token"])
    assert "head.weight (3, 128, 3, 3) is missing and keeps its initial values" in capsys.readouterr().err


def test_the_other_version_cannot_be_extracted_with(small):
    with pytest.raises(InputError, match=r"tiny_v2.pth: weights of MCTformer-V2, with .* use mapping=mct_v2"):
        open_trained(create("mct", None, 3, "tiny_transformer"), small[2])
    with pytest.raises(InputError, match=r"tiny_v1.pth: weights of MCTformer-V1, without .* use mapping=mct$"):
        open_trained(create("mct_v2", None, 3, "tiny_transformer"), small[1])


@pytest.mark.parametrize("version", NAMES)
def test_tokens_for_other_classes_are_refused_for_that(small, version):
    with pytest.raises(InputError, match="3 class tokens, where each of the data set's 5 classes"):
        create(NAMES[version], small[version], 5, "tiny_transformer")
    with pytest.raises(InputError, match="3 class tokens, where each of the data set's 5 classes"):
        open_trained(create(NAMES[version], None, 5, "tiny_transformer"), small[version])


def test_mappings_and_networks_without_class_tokens_refuse_them_for_that(published):
    with pytest.raises(InputError, match=r"MCTformerV2.pth: weights with 20 class tokens.* mapping=mct or mct_v2"):
        create("cam", published[2])
    with pytest.raises(InputError, match="MCTformerV1.pth: weights with 20 class tokens"):
        create_backbone(DEIT, published[1])


def test_weights_of_another_network_are_refused_for_their_shapes(published):
    with pytest.raises(InputError, match="weights of another network than ClassTokenNetwork.*of another shape"):
        create("mct", published[1], 20, "tiny_transformer")


@pytest.mark.parametrize("mapping", NAMES.values())
def test_a_network_of_another_mapping_is_refused_for_its_single_token(mapping, tmp_path):
    state = create_seed_network(seed_settings(mapping="cam", regularization="none"), 3).state_dict()
    torch.save(state, tmp_path / "cam.pth")
    with pytest.raises(InputError, match="cam.pth: 1 class token, where each of the data set's 3 classes"):
        open_trained(create(mapping, None, 3, "tiny_transformer"), tmp_path / "cam.pth")


@pytest.mark.parametrize("mapping", NAMES.values())
def test_a_plain_transformers_file_is_repeated_for_every_class(mapping, tmp_path):
    plain = create_backbone("tiny_transformer", None).network
    torch.nn.init.normal_(plain.cls_token)
    torch.save(plain.state_dict(), tmp_path / "plain.pth")
    network = create(mapping, tmp_path / "plain.pth", 3, "tiny_transformer").backbone.network
    assert torch.equal(network.cls_token, plain.cls_token.expand(1, 3, -1))
    assert torch.equal(network.pos_embed[:, :3], plain.pos_embed[:, :1].expand(1, 3, -1))


@pytest.mark.parametrize("classes", [1, 3])
@pytest.mark.parametrize("mapping", NAMES.values())
def test_a_network_trained_here_is_a_start(mapping, classes, tmp_path):
    trained = create(mapping, None, classes, "tiny_transformer")
    torch.save(trained.state_dict(), tmp_path / "trained.pth")
    again = create(mapping, tmp_path / "trained.pth", classes, "tiny_transformer")
    assert all(torch.equal(value, trained.state_dict()[name]) for name, value in again.state_dict().items())
