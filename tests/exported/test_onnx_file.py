"""ONNX beside PyTorch: the same argmax at every size, and what is refused."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import torch
from program import run_program
from small import params, tell_apart

from wsss.config.resolve import resolve
from wsss.errors import InputError
from wsss.exported.model_folder import SegmentationModel, SegmentationParts, images_of
from wsss.exported.onnx_file import export_onnx
from wsss.exported.segmenter import load_segmenter
from wsss.files import read_image
from wsss.models.segmentation_network import create_segmentation_network
from wsss.segmentation.inference import predict_probabilities

onnxruntime = pytest.importorskip("onnxruntime")
SIZES = [(1, 1), (33, 77), (97, 61), (64, 64), (120, 161)]


class OnnxNetwork:
    """What multi-scale inference calls, answered by onnxruntime."""

    def __init__(self, path, backbone):
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        self.backbone = backbone

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(self.run("logits", images))

    def run(self, output: str, images: torch.Tensor) -> np.ndarray:
        return self.session.run([output], {"images": images.numpy()})[0]


@pytest.fixture(scope="module", params=["tiny_cnn", "tiny_transformer"])
def exported(request, tmp_path_factory):
    """A network with random weights, its ONNX file, and its settings."""
    parameters = resolve(params(), "toy", {"segmentation.backbone": request.param, "segmentation.output_stride": 4})
    torch.manual_seed(5)
    network, settings = create_segmentation_network(parameters.segmentation, 3), parameters.segmentation
    tell_apart(network, torch.randn(4, 3, 64, 64))
    parts = SegmentationParts(backbone=settings.backbone, output_stride=4, head=settings.head)
    model = SegmentationModel(
        format=1,
        makes="masks",
        classes=["a", "b", "c"],
        network=parts,
        images=images_of(network.backbone, 64),
        inference=parameters.predict.model_copy(update={"scales": [0.5, 1.0, 1.5], "flip": True}),
        origin={},
    )
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    export_onnx(path, network, model)
    return network, OnnxNetwork(path, network.backbone), model


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_argmax_of_all_scales_is_that_of_torch(exported, size):
    network, onnx, model = exported
    images = torch.randn(2, 3, *size, generator=torch.Generator().manual_seed(size[0]))
    ours = predict_probabilities(network, images, model.inference)
    theirs = predict_probabilities(onnx, images, model.inference)
    assert (ours.argmax(1) == theirs.argmax(1)).float().mean() >= 0.999
    assert torch.allclose(ours, theirs, atol=1e-4)
    assert len(ours.argmax(1).unique()) > 1 or size == (1, 1)  # or anything would agree


@pytest.mark.parametrize("batch", [1, 3])
def test_probabilities_are_at_the_size_of_the_images(exported, batch):
    network, onnx, model = exported
    size = 5 * model.images.multiple + 35 * (model.images.multiple == 1), 9 * model.images.multiple
    images = torch.randn(batch, 3, *size)
    probabilities = onnx.run("probabilities", images)
    assert probabilities.shape == (batch, 4, *size) and np.allclose(probabilities.sum(1), 1, atol=1e-5)
    settings = model.inference.model_copy(update={"scales": [1.0], "flip": False})
    wanted = predict_probabilities(network, images, settings)
    assert np.allclose(probabilities, wanted.numpy(), atol=1e-4)


def test_the_file_knows_its_classes_and_how_photos_are_normalised(exported):
    _, onnx, model = exported
    metadata = onnx.session.get_modelmeta().custom_metadata_map
    assert SegmentationModel.model_validate(json.loads(metadata["wsss"])) == model


def test_a_model_folder_gives_the_mask_of_its_largest_probability(model, dataset, parameters, tmp_path):
    """From the folder to onnxruntime, by what model.json says alone."""
    done = run_program("export_onnx", "--model", model, "--out", tmp_path / "model.onnx")
    assert done.returncode == 0, done.stderr
    said = json.loads((model / "model.json").read_text())["images"]
    photo = read_image(dataset.image_path("i0"))
    images = ((photo / np.float32(255) - said["mean"]) / said["std"]).transpose(2, 0, 1)[None].astype(np.float32)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    (probabilities,) = session.run(["probabilities"], {"images": images})
    single = parameters.predict.model_copy(update={"scales": [1.0], "flip": False})
    ours = predict_probabilities(load_segmenter(model).network.cpu(), torch.from_numpy(images), single)
    assert (ours[0].argmax(0).numpy() == probabilities[0].argmax(0)).mean() >= 0.999


def test_without_its_packages_it_says_what_to_install(exported, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    network, _, model = exported
    with pytest.raises(InputError, match=r"pip install onnx onnxscript"):
        export_onnx(tmp_path / "model.onnx", network, model)
    assert not list(tmp_path.iterdir())
