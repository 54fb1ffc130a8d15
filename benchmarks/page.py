"""The page of a result at 5,000 images: how fast it is made, its size, and how long a browser takes to show it."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from benchmarks.comparison import Comparison, seconds
from benchmarks.first_view import first_view_seconds
from benchmarks.photos import photos, write_seeds
from stages.make_page import run as make_page
from wsss.config import read_params
from wsss.config.resolve import resolve
from wsss.data.prepared import PreparedDataset
from wsss.evaluation.evaluate import evaluate_masks, evaluate_seeds
from wsss.figures.pictures import mask_overlay
from wsss.files import read_mask, write_json, write_mask
from wsss.seed.seed_file import read_seed_of, seed_at_threshold

FEW, MANY, SIDE, THREADS, THRESHOLD = 100, 5_000, 64, 2, 0.5


def run(folder: Path) -> list[Comparison]:
    """Make the pages of few and of many scenes, with seeds as `benchmarks.photos` makes them and masks of these."""
    few, many = (Result(folder / f"page{count}", count) for count in (FEW, MANY))
    few.page()
    ours_s, plain_s = seconds(many.page, many.plain_loop, repeat=1)
    size, against = f"{MANY:,} images of {SIDE}×{SIDE}, {THREADS} cores", "three overlays an image as PNG files, 1 core"
    ours_kb, plain_kb = (_bytes(many.folder / name) / 1000 / MANY for name in ("page", "plain"))
    comparisons = [
        Comparison("page of a result", size, against, ours_s / MANY, plain_s / MANY, "s/image", None),
        Comparison("its size, pictures at full size included", size, against, ours_kb, plain_kb, "kB/image", None),
    ]
    opened = first_view_seconds(many.folder / "page", few.folder / "page")
    if opened is None:
        print("no chromium here: the first view is not timed", file=sys.stderr)
        return comparisons
    return [*comparisons, Comparison("its first view", f"{MANY:,} images", f"{FEW} images", *opened, "s", 0.8)]


class Result:
    """Seeds and masks of drawn scenes, and their metrics."""

    def __init__(self, folder: Path, count: int):
        folder.mkdir()
        self.folder, self.dataset = folder, photos(folder, count, SIDE)
        self.seeds, self.masks = write_seeds(self.dataset, folder / "seeds"), folder / "masks"
        self.masks.mkdir()
        for name in self.dataset.split("train"):
            write_mask(self.masks / f"{name}.png", _mask(self.dataset, self.seeds, name))
        for kind, evaluate, made in (("seed", evaluate_seeds, self.seeds), ("mask", evaluate_masks, self.masks)):
            table = folder / f"{kind}_metrics.csv"
            write_json(table.with_suffix(".json"), evaluate(self.dataset, "train", made, THREADS, table))

    def page(self) -> None:
        """Make the page."""
        make_page(
            resolve(read_params("params.yaml"), "mini", "main"),
            data=self.dataset.root,
            seeds=[f"main={self.seeds}"],
            seed_metrics=[f"main={self.folder}/seed_metrics.json"],
            masks=[f"main={self.masks}"],
            mask_metrics=[f"main={self.folder}/mask_metrics.json"],
            out=self.folder / "page",
            threads=THREADS,
        )

    def plain_loop(self) -> None:
        """Draw seed, mask and truth over each image, one file each, as most programs show what they have made."""
        out = self.folder / "plain"
        out.mkdir()
        for name in self.dataset.split("train"):
            image = self.dataset.image(name)
            seed = _mask(self.dataset, self.seeds, name)
            for kind, mask in (
                ("seed", seed),
                ("mask", read_mask(self.masks / f"{name}.png")),
                ("truth", self.dataset.mask(name)),
            ):
                Image.fromarray(mask_overlay(image, mask)).save(out / f"{name}_{kind}.png")


def _mask(dataset: PreparedDataset, seeds: Path, name: str):
    return seed_at_threshold(read_seed_of(dataset, seeds, name), THRESHOLD)


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
