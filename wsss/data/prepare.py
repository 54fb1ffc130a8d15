"""Bring a data set into the prepared form that `wsss.data.prepared` reads.

Each function fills an existing empty directory; links are absolute, so the directory may be renamed afterwards.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from wsss.data import mini
from wsss.data.checks import check_annotated_sizes, check_pairs
from wsss.data.voc_layout import read_voc_layout
from wsss.files import read_mask, write_mask
from wsss.parallel import parallel, worth_processes
from wsss.progress import progress


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` an absolute symbolic link to `source`, or a copy on a file system without links."""
    try:
        target.symlink_to(Path(source).absolute())
    except OSError:
        shutil.copyfile(source, target)


def place_mask(source: Path, target: Path) -> None:
    """Link a palette mask; write a greyscale one anew with VOC's palette, its class numbers unchanged."""
    with Image.open(source) as image:
        is_palette = image.mode == "P"
    if is_palette:
        link_or_copy(source, target)
    else:
        write_mask(target, read_mask(source))


def write_tables(
    out: Path, classes: Sequence[str], splits: Mapping[str, Sequence[str]], labels: Mapping[str, np.ndarray]
) -> None:
    """Write `classes.txt`, `splits/*.txt` and `labels.csv` (rows in the order of `labels`, (C,) of 0 and 1 each)."""
    (out / "splits").mkdir(exist_ok=True)
    (out / "classes.txt").write_text("".join(f"{name}\n" for name in classes))
    for split, ids in splits.items():
        (out / "splits" / f"{split}.txt").write_text("".join(f"{name}\n" for name in ids))
    with (out / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["id", *classes])
        table.writerows([name, *row.astype(int).tolist()] for name, row in labels.items())


def prepare_voc_layout(root: Path, out: Path, classes: Sequence[str] | None = None, threads: int = 1) -> None:
    """Check a folder in VOC layout, photo by photo, and fill `out` with links to it.

    `classes` are the foreground classes in the order of their numbers in the masks, VOC's 20 by default. Raises
    `InputError` for everything that is wrong with the folder (see `read_voc_layout` and `check_pair`).
    """
    out = Path(out)
    source = read_voc_layout(root, classes)
    sizes = check_pairs(source.photos, source.masks, len(source.classes), threads)
    check_annotated_sizes(sizes, source.annotations)
    for folder in ("images", "masks"):
        (out / folder).mkdir()
    for name, path in source.photos.items():
        link_or_copy(path, out / "images" / f"{name}{path.suffix.lower()}")
        if name in source.masks:
            place_mask(source.masks[name], out / "masks" / f"{name}.png")
    write_tables(out, source.classes, source.splits, source.labels)


def _draw_to_files(task: tuple[Path, int, str, int, int]) -> tuple[str, np.ndarray]:
    """Draw one scene into `images/` and `masks/`; return its id and its image-level labels, (C,) uint8."""
    out, random_seed, split, index, size = task
    image, mask = mini.draw_scene(random_seed, split, index, size)
    name = f"{split}_{index:05d}"
    Image.fromarray(image).save(out / "images" / f"{name}.png")
    write_mask(out / "masks" / f"{name}.png", mask)
    return name, np.isin(np.arange(1, len(mini.CLASSES) + 1), mask).astype(np.uint8)


def prepare_mini(out: Path, random_seed: int, counts: Mapping[str, int], size: int, threads: int = 1) -> None:
    """Draw the embedded data set into `out`: `counts` scenes per split, `size` pixels square, all with masks.

    Image-level labels say which classes the mask holds.
    """
    out = Path(out)
    for folder in ("images", "masks"):
        (out / folder).mkdir()
    tasks = [(out, random_seed, split, index, size) for split, count in counts.items() for index in range(count)]
    processes = worth_processes(len(tasks), threads)
    labels = dict(progress(parallel(_draw_to_files, tasks, processes), len(tasks), "drawing"))
    splits: dict[str, list[str]] = {split: [] for split in counts}
    for (_, _, split, _, _), name in zip(tasks, labels, strict=True):
        splits[split].append(name)
    write_tables(out, mini.CLASSES, splits, labels)
