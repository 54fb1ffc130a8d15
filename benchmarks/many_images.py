"""Many small images through the inference stages, by one job and by several; planning; the page. Takes long.

    python -m benchmarks.many_images --folder /tmp/many [--images 20000] [--jobs 8] [--cores 2]

Not one of `make bench`. Draws scenes of 64×64 and trains `mini`'s networks on 20,000 each. Makes seeds, confident
labels, masks and predictions of all of them by one job each, then all again by so many jobs, and prints
images per second, from command to product, and the largest memory of a job; what both engines take to plan when all is
made; how long the page takes, its size and its first view. Exits with status 1 where the two differ by a byte, or
something is planned after them.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml

from benchmarks.first_view import first_view_seconds
from wsss.config import read_params
from wsss.config.stages import OVER_IMAGES
from wsss.product.record import Record, read_record
from wsss.workflow import PRODUCTS

_RESULTS = "results/mini/main"
_SPLIT = "train"  # predicted, too: it has the many images
_SEEN = 20_000  # images in a training


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, required=True, help="a new one, for a copy of the workflow and its products"
    )
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=8, help="over images")
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    project = Project(given.folder, given.images, given.cores)
    project.run(f"{_RESULTS}/{PRODUCTS['train_segmentation']}")
    made = {}
    for jobs in (1, given.jobs):
        project.write_params(jobs)
        project.forget()
        made[jobs] = {stage: project.make(stage) for stage in OVER_IMAGES}
    _print_stages(made, given.images)
    _print_page(project)
    is_planned = _print_planning(project)
    differing = [stage for stage in OVER_IMAGES if len({found[stage][1].product for found in made.values()}) > 1]
    if differing or is_planned:
        sys.exit(f"not the same bytes: {', '.join(differing)}" if differing else "something is planned again")


def _print_stages(made: dict[int, dict[str, tuple[float, Record]]], images: int) -> None:
    print("| stage | jobs | seconds | images/s | most memory of a job, MB |\n| --- | ---: | ---: | ---: | ---: |")
    for stage in OVER_IMAGES:
        for jobs, found in made.items():
            taken, record = found[stage]
            print(f"| `{stage}` | {jobs} | {taken:.0f} | {images / taken:.1f} | {record.peak_memory_mb:.0f} |")


def _print_page(project: Project) -> None:
    page = project.folder / "results/mini/page"
    taken = project.run("results/mini_val_miou.json", str(page.relative_to(project.folder)))
    files = [path for path in page.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    print(f"\npage, with evaluation: {taken:.0f} s, {len(files)} files, {size:.0f} MB", end="")
    opened = first_view_seconds(page)
    print("" if opened is None else f", its first view after {opened[0]:.1f} s")


def _print_planning(project: Project) -> bool:
    """Print what both engines take where all is made; return whether something is planned."""
    is_planned, taken = project.planned()
    print(f"snakemake -n: {taken:.1f} s")
    for command in ("dvc commit --force", "dvc status", "dvc repro --dry"):
        print(f"{command}: {project.timed(command.split()):.1f} s")
    return is_planned


class Project:
    """A copy of the workflow in a folder of its own."""

    def __init__(self, folder: Path, images: int, cores: int):
        self.folder, self.images, self.cores = folder.resolve(), images, cores
        self.environment = {**os.environ, "PYTHONPATH": str(self.folder)}
        self.folder.mkdir(parents=True)
        (self.folder / ".dvc").mkdir()
        for name in ("Snakefile", "workflow", "profiles", "wsss", "stages", "dvc.yaml", ".dvcignore", ".dvc/config"):
            (self.folder / name).symlink_to(Path(name).resolve())
        (self.folder / "results/tables/mini").mkdir(parents=True)  # which DVC keeps, too
        self.timed(["git", "init", "--quiet"])
        self.write_params(1)

    def write_params(self, jobs: int) -> None:
        """Write params.yaml: that of the project with these images, networks that hardly train, and so many jobs."""
        params = read_params("params.yaml")
        mini = params["datasets"]["mini"]
        mini["data"].update(image_size=64, scenes={"train": self.images, "val": 8, "test": 2})
        mini["compare"] = {"seed_experiments": {}, "val_experiments": {}}
        for block in (mini["kinds"]["transformer"]["seed"], mini["affinity"], mini["segmentation"]):
            block.update(epochs=-(-_SEEN // self.images), batch_size=64)
            block["augmentation"]["crop_size"] = 64
        mini["jobs"] = {"over_images": jobs}
        (self.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))

    def make(self, stage: str) -> tuple[float, Record]:
        """Make a stage's product; return the seconds from command to product, and its record."""
        product = f"{_RESULTS}/{PRODUCTS[stage].format(split=_SPLIT)}"
        taken, record = self.run(product), read_record(self.folder / product)
        assert record is not None
        return taken, record

    def forget(self) -> None:
        """Delete what the stages over images have made, and what is kept of it."""
        for stage in OVER_IMAGES:
            product = self.folder / _RESULTS / PRODUCTS[stage].format(split=_SPLIT)
            shutil.rmtree(product, ignore_errors=True)
            shutil.rmtree(product.parent / ".kept", ignore_errors=True)  # its second names

    def run(self, *targets: str) -> float:
        """Make targets; return the seconds."""
        return self.timed(["snakemake", "--cores", str(self.cores), "--quiet", "all", "--", *targets])

    def planned(self) -> tuple[bool, float]:
        """Return whether something is planned for what was made, and the seconds that planning takes."""
        products = [f"{_RESULTS}/{PRODUCTS[stage].format(split=_SPLIT)}" for stage in OVER_IMAGES]
        start = time.monotonic()
        command = ["snakemake", "-n", "--cores", str(self.cores), "--", *products]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=True
        )
        return "Nothing to be done" not in done.stdout + done.stderr, time.monotonic() - start

    def timed(self, command: list[str]) -> float:
        """Run a command in the folder; return the seconds."""
        start = time.monotonic()
        subprocess.run(command, cwd=self.folder, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - start


if __name__ == "__main__":
    main()
