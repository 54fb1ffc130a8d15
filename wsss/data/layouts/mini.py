"""Layout `mini`: the embedded data set, drawn on the spot (`wsss.data.mini.scene`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from wsss.config.data_block import Data, SceneSplit
from wsss.data.layouts.writing import write_tables
from wsss.data.mini.scene import CLASSES, draw_scene
from wsss.files import write_mask
from wsss.parallel import parallel
from wsss.progress import progress


def prepare(data: Data, roots: Sequence[Path], out: Path, threads: int) -> None:
    """Draw the data set into the empty folder `out`; `roots` is empty, as nothing is read."""
    prepare_mini(out, data.random_seed, data.scenes, data.image_size, threads)


def _draw_to_files(task: tuple[Path, int, str, int, int]) -> tuple[str, np.ndarray]:
    """Draw one scene into `images/` and `masks/`; return its id and its image-level labels, (C,) uint8."""
    out, random_seed, split, index, size = task
    image, mask = draw_scene(random_seed, split, index, size)
    name = f"{split}_{index:05d}"
    Image.fromarray(image).save(out / "images" / f"{name}.png")
    write_mask(out / "masks" / f"{name}.png", mask)
    return name, np.isin(np.arange(1, len(CLASSES) + 1), mask).astype(np.uint8)


def prepare_mini(out: Path, random_seed: int, counts: Mapping[SceneSplit, int], size: int, threads: int = 1) -> None:
    """Draw the embedded data set into `out`: `counts` scenes per split, `size` pixels square, all with masks.

    Image-level labels say which classes the mask holds.
    """
    out = Path(out)
    for folder in ("images", "masks"):
        (out / folder).mkdir()
    tasks = [(out, random_seed, split, index, size) for split, count in counts.items() for index in range(count)]
    labels = dict(progress(parallel(_draw_to_files, tasks, threads), len(tasks), "drawing"))
    splits: dict[str, list[str]] = {split: [] for split in counts}
    for (_, _, split, _, _), name in zip(tasks, labels, strict=True):
        splits[split].append(name)
    write_tables(out, CLASSES, splits, labels)
