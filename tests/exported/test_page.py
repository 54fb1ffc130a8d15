"""docs/use_the_network.md: its Python runs as it stands."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from paths import REPOSITORY
from PIL import Image

from wsss.exported.onnx_file import export_onnx
from wsss.exported.segmenter import load_segmenter

PAGE = (REPOSITORY / "docs/use_the_network.md").read_text()


def test_the_python_of_the_page_runs(model, seed_model, dataset, tmp_path, monkeypatch):
    """In a folder with a photo.jpg, a model.onnx, and the two folders, of a network that knows the classes named."""
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    for folder in (model, seed_model):
        copy = shutil.copytree(folder, tmp_path / "results/mini/main" / folder.name)
        written = json.loads((copy / "model.json").read_text())
        (copy / "model.json").write_text(json.dumps(written | {"classes": ["star", "cross", "target"]}))
    Image.open(dataset.image_path("i0")).save("photo.jpg")
    segmenter = load_segmenter(model)
    export_onnx(tmp_path / "model.onnx", segmenter.network.cpu(), segmenter.model)
    names: dict = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        exec(block, names)
    assert names["mask"].shape == (32, 40) and names["maps"].shape == (2, 32, 40)
    assert (tmp_path / "photo.npz").is_file()
