"""Small drawn photos in the layouts of VOC 2012 with SBD, of COCO 2014, and of an own folder.

Their shapes are those that data sets have: upright, wide, square, a panorama, a thumbnail; one in seven is grey.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from pycocotools import mask as rle_masks
from real_layouts import annotation, lines, png, sbd_mat, xml

from wsss.data.mini.scene import draw_scene

SHAPES = ((60, 80), (80, 60), (72, 72), (48, 96), (96, 64), (16, 120), (20, 24))  # height, width
COCO_IDS = sorted(set(range(1, 91)) - {12, 26, 29, 30, 45, 66, 68, 69, 71, 83})  # of COCO's 80 categories


def scene(number: int) -> tuple[bytes, np.ndarray]:
    """Return a photo as JPEG and its mask, (H, W) of 0 and class numbers 1 to 6."""
    height, width = SHAPES[number % len(SHAPES)]
    photo, mask = draw_scene(23, "train", number, max(height, width))
    image = Image.fromarray(photo[:height, :width])
    file = io.BytesIO()
    (image.convert("L") if number % 7 == 4 else image).save(file, "JPEG", quality=95)
    return file.getvalue(), mask[:height, :width]


def _write(root: Path, name: str, content: bytes) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes(content)


def write_voc2012(root: Path, train: int, sbd: int, val: int, test: int) -> dict[str, int]:
    """Write VOCdevkit with `train`, `val` and `test` photos, and SBD with masks of further `sbd`; return `counts`."""
    voc, benchmark = root / "VOCdevkit/VOC2012", root / "benchmark_RELEASE/dataset"
    names = [f"2008_{number:06d}" for number in range(train + sbd + val + test)]
    splits = {"train": names[:train], "sbd": names[train : train + sbd]}
    splits |= {"val": names[train + sbd : len(names) - test], "test": names[len(names) - test :]}
    for split, members in splits.items():
        for name in members:
            photo, mask = scene(names.index(name))
            _write(voc, f"JPEGImages/{name}.jpg", photo)
            if split != "test":
                _write(voc, f"Annotations/{name}.xml", xml(name, mask))
            if split in ("train", "val"):
                mask[:2] = 255  # VOC's own masks have void borders, SBD's have none
                _write(voc, f"SegmentationClass/{name}.png", png(mask))
            if split == "sbd":
                _write(benchmark, f"cls/{name}.mat", sbd_mat(mask))
        if split != "sbd":
            _write(voc, f"ImageSets/Segmentation/{split}.txt", lines(members))
    half = sbd // 2
    for split, members in (("train", splits["sbd"][:half]), ("val", splits["sbd"][half:])):
        _write(benchmark, f"{split}.txt", lines(members))
    return {"train": train, "train_aug": train + sbd, "val": val, "test": test}


def write_coco2014(root: Path, train: int, val: int) -> dict[str, int]:
    """Write COCO's photos and instances, with all 80 categories of which six are shown; return `counts`."""
    categories = [{"id": key, "name": f"category {key}", "supercategory": "thing"} for key in COCO_IDS]
    for split, numbers in (("train", range(train)), ("val", range(train, train + val))):
        images, annotations = [], []
        for number in numbers:
            photo, mask = scene(number)
            name, (height, width) = f"COCO_{split}2014_{number:012d}.jpg", mask.shape
            _write(root, f"{split}2014/{name}", photo)
            images.append({"id": number, "file_name": name, "height": height, "width": width})
            for value in np.unique(mask[mask > 0]):
                rle = rle_masks.encode(np.asfortranarray(mask == value))
                segmentation = {"size": [height, width], "counts": rle["counts"].decode()}
                annotations.append(annotation(len(annotations), number, COCO_IDS[13 * value], segmentation, 0))
        content = {"images": images, "annotations": annotations, "categories": categories}
        _write(root, f"annotations/instances_{split}2014.json", json.dumps(content).encode())
    return {"train": train, "val": val}


def write_voc_folder(root: Path, train: int, val: int) -> None:
    """Write an own folder in VOC layout, of VOC's classes."""
    for split, numbers in (("train", range(train)), ("val", range(train, train + val))):
        for number in numbers:
            photo, mask = scene(number)
            _write(root, f"JPEGImages/{number}.jpg", photo)
            _write(root, f"SegmentationClass/{number}.png", png(mask))
            _write(root, f"Annotations/{number}.xml", xml(str(number), mask))
        _write(root, f"ImageSets/Segmentation/{split}.txt", lines([str(number) for number in numbers]))
