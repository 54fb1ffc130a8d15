"""The rules `voc` and `coco` with the full-size networks, from archives to a val mIoU: one epoch on small crops.

DeiT-S, ResNet38 and ResNet101 as they are, with the paper's settings but for epochs, batches, crops and CRF steps.
"""

from __future__ import annotations

import io
import json

import pytest
import torch
import yaml
from project import Project
from real_layouts import COCO_COUNTS, VOC_COUNTS, coco_archives, voc_archives
from unreliable_server import UnreliableServer

from wsss.config import read_params
from wsss.config.choices import BACKBONES
from wsss.models.resnet38 import ResNet38

pytestmark = [pytest.mark.slow, pytest.mark.full]

RESNET38 = BACKBONES["resnet38"].fetched_weights.removeprefix("archives/")


@pytest.fixture(scope="module")
def server():
    file = io.BytesIO()
    torch.save(ResNet38().state_dict(), file)
    files = voc_archives() | coco_archives() | {RESNET38: file.getvalue()}
    with UnreliableServer(files) as server:
        yield server


def short(params: dict) -> dict:
    """Shorten the trainings of params.yaml and shrink their crops."""
    blocks = [params["kinds"][kind]["seed"] for kind in ("transformer", "cnn")]
    blocks += [params["affinity"], params["segmentation"]]
    for block in blocks:
        block["augmentation"] |= {"crop_size": 64} | (
            {"range": [48, 64]} if block["augmentation"].get("range", [1, 1])[1] > 2 else {}
        )
    for block in (*blocks[:3], *(head["segmentation"] for head in params["heads"].values())):
        block |= {"epochs": 1, "batch_size": 2}
    params["affinity_labels"]["crf"] = {"iterations": 1}
    params["predict"]["crf"]["iterations"] = 1
    for name, counts in (("voc", VOC_COUNTS), ("coco", COCO_COUNTS)):
        params["datasets"][name]["data"]["counts"] = counts
    return params


VOC = {"seed": {"weights": None}}  # DeiT-S: timm's download cannot be had here
COCO = {  # the paper's other networks
    "seed": {"backbone": "resnet38", "weights": None},
    "segmentation": {"backbone": "resnet101", "head": "aspp", "weights": None},
}


@pytest.mark.parametrize(("dataset", "settings"), [("voc", VOC), ("coco", COCO)])
def test_full_size_networks_get_from_archives_to_a_val_miou(tmp_path, server, monkeypatch, dataset, settings):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    params = short(read_params("params.yaml"))
    params["datasets"][dataset] |= settings
    project = Project(tmp_path / "project", params)
    sources = {
        name: [
            {"file": f, "mirrors": [server.url("cuts", f)], "md5": None, "bytes": len(server.files[f])} for f in files
        ]
        for name, files in (("voc2012", voc_archives()), ("coco2014", coco_archives()), ("resnet38", [RESNET38]))
    }
    (project.root / "workflow/sources.yaml").write_text(yaml.safe_dump(sources))
    done = project.run("snakemake", "--cores", "2", f"results/{dataset}_val_miou.json", timeout=1800)
    assert done.returncode == 0, done.stdout
    summary = json.loads((project.root / f"results/{dataset}_val_miou.json").read_text())
    assert summary["images"] == {"voc": VOC_COUNTS, "coco": COCO_COUNTS}[dataset]["val"]
    classes = {"voc": 20, "coco": 6}[dataset]
    assert len(summary["per_class"]) == classes + 1 and 0 <= summary["miou"] <= 100
