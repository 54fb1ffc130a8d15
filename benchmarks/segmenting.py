"""A folder of photos segmented by stages/segment.py against a plain loop over the same network, and its peak memory."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from PIL import Image

from benchmarks.comparison import Comparison, seconds
from benchmarks.memory import peak
from benchmarks.photos import photos
from stages import segment
from stages.export_model import run as export_model
from wsss.config import read_params
from wsss.config.resolve import resolve
from wsss.exported.segmenter import load_segmenter
from wsss.figures.pictures import mask_overlay
from wsss.files import read_image, write_mask
from wsss.models.segmentation_network import create_segmentation_network
from wsss.models.weights import write_weights

PHOTOS, FEW, SIDE, THREADS = 200, 20, 224, 2


def run(folder: Path) -> list[Comparison]:
    """Segment drawn photos with an untrained tiny network, at all scales of `mini` and with its CRF."""
    dataset = photos(folder, PHOTOS, SIDE)
    parameters, model = resolve(read_params("params.yaml"), "mini", "main"), folder / "model"
    torch.manual_seed(0)
    network = create_segmentation_network(parameters.segmentation, len(dataset.classes))
    (folder / "segmentation_network").mkdir()
    write_weights(folder / "segmentation_network/network.safetensors", network.state_dict(), {})
    export_model(parameters, variant="main", data=dataset.root, network=folder / "segmentation_network", out=model)
    many, few = dataset.root / "images", folder / "few"
    few.mkdir()
    for path in sorted(many.iterdir())[:FEW]:
        shutil.copy(path, few)

    def ours() -> None:
        segment.run(model=model, photos=many, out=folder / "segmented", threads=THREADS)

    ours_s, plain_s = seconds(ours, lambda: plain_loop(model, many, folder / "plain"), repeat=1)
    size = f"{PHOTOS} photos of {SIDE}×{SIDE}, a tiny network without training, {THREADS} cores"
    options = {"model": model, "out": folder / "segmented"}
    of_many, of_few = (peak("segment", options | {"photos": found}) for found in (many, few))
    return [
        Comparison("`segment` of a folder", size, "a plain loop", ours_s / PHOTOS, plain_s / PHOTOS, "s/photo", None),
        Comparison("peak memory of `segment`", f"{PHOTOS} photos", f"{FEW} photos", of_many, of_few, "MB", 0.9),
    ]


def plain_loop(model: Path, folder: Path, out: Path) -> None:
    """Write the mask and the overlay of one photo after the other."""
    out.mkdir(exist_ok=True)
    segmenter = load_segmenter(model)
    for path in sorted(folder.iterdir()):
        mask, _ = segmenter(path)
        write_mask(out / f"{path.stem}.png", mask)
        Image.fromarray(mask_overlay(read_image(path), mask)).save(out / f"{path.stem}.jpg", quality=90)
