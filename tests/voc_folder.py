"""A small folder in VOC layout, made from drawn scenes, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from wsss.data.mini.scene import CLASSES, draw_scene
from wsss.files import write_mask


def write_annotation(path: Path, names: Sequence[str]) -> None:
    """Write a VOC annotation with one object per name."""
    objects = "".join(f"  <object><name>{name}</name></object>\n" for name in names)
    path.write_text(f"<annotation>\n  <filename>{path.stem}.jpg</filename>\n{objects}</annotation>\n")


def make_voc_folder(
    root: Path,
    train: int = 6,
    val: int = 3,
    test: int = 2,
    size: int = 48,
    random_seed: int = 0,
    train_masks: bool = True,
    test_masks: bool = False,
) -> tuple[str, ...]:
    """Make `root` a VOC-layout folder of drawn scenes and return its class names, in the order of their numbers.

    Ids are `train_0000`, `val_0000`, …. Train and val have annotations; without `test` images there is no test.txt.
    """
    for folder in ("JPEGImages", "SegmentationClass", "Annotations", "ImageSets/Segmentation"):
        (root / folder).mkdir(parents=True)
    for split, count in (("train", train), ("val", val), ("test", test)):
        ids = [f"{split}_{index:04d}" for index in range(count)]
        if ids or split != "test":
            (root / "ImageSets/Segmentation" / f"{split}.txt").write_text("".join(f"{name}\n" for name in ids))
        for index, name in enumerate(ids):
            image, mask = draw_scene(random_seed, split, index, size)
            Image.fromarray(image).save(root / "JPEGImages" / f"{name}.jpg", quality=95)
            if {"train": train_masks, "val": True, "test": test_masks}[split]:
                write_mask(root / "SegmentationClass" / f"{name}.png", mask)
            if split != "test":
                shown = [CLASSES[number - 1] for number in np.unique(mask) if number]
                write_annotation(root / "Annotations" / f"{name}.xml", shown)
    return CLASSES
