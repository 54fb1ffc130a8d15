"""Many small images through the inference stages, by one job and by several; how long planning takes. Takes hours.

    python -m benchmarks.many_images --folder /tmp/many [--images 20000] [--jobs 8] [--cores 2]

Not one of `make bench`. Draws scenes of 64×64, trains `mini`'s networks on them for an epoch each, and makes seeds,
confident labels, masks and predictions of all of them: by one job each, and again by so many jobs. Prints images per
second and the largest memory of a job, of both, and the seconds of `snakemake -n` when all is done. Exits with
status 1 where the products differ. What was made stays in the folder, and a second call goes on from there.
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

from wsss.config import read_params
from wsss.config.stages import OVER_IMAGES
from wsss.product.digest import digest_of
from wsss.product.record import read_record

_COPIED, _LINKED = ("Snakefile", "workflow", "profiles"), ("wsss", "stages")
_PRODUCTS = {
    **{"extract_seed": "seeds", "label_affinity": "affinity_labels", "make_mask": "masks"},
    "predict": "predictions/train",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where to work; holds a copy of the workflow")
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=8, help="over images")
    parser.add_argument("--cores", type=int, default=2)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in (*_COPIED, *_LINKED):
        source, target = Path(name).resolve(), given.folder / name
        if target.exists():
            continue
        if name in _LINKED:
            target.symlink_to(source)
        else:
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    made = {jobs: _make(given.folder, given.images, jobs, given.cores) for jobs in (1, given.jobs)}
    print("| stage | jobs | images/s | most memory of a job, MB | seconds |\n| --- | ---: | ---: | ---: | ---: |")
    for stage in OVER_IMAGES:
        for jobs, found in made.items():
            seconds, memory, _ = found[stage]
            print(f"| {stage} | {jobs} | {given.images / seconds:.1f} | {memory:.0f} | {seconds:.0f} |")
    print(f"\nsnakemake -n, all made: {_plan(given.folder, given.cores):.1f} s")
    differing = [stage for stage in OVER_IMAGES if len({found[stage][2] for found in made.values()}) > 1]
    if differing:
        sys.exit(f"not the same bytes: {', '.join(differing)}")


def _make(folder: Path, images: int, jobs: int, cores: int) -> dict[str, tuple[float, float, str | None]]:
    """Return {stage: seconds from its first job to its product, MB, digest} of what so many jobs make."""
    (folder / "params.yaml").write_text(yaml.safe_dump(_params(images, jobs), sort_keys=False))
    found = {}
    for stage, product in _PRODUCTS.items():
        target = folder / "results/mini/main" / product
        _run(folder, cores, *(str(path) for path in _before(folder, stage)))
        kept = folder / f".{jobs}" / product
        if not kept.exists():
            shutil.rmtree(target, ignore_errors=True)
            shutil.rmtree(target.parent / ".kept", ignore_errors=True)  # or it would be fetched from there
            start = time.monotonic()
            _run(folder, cores, str(target.relative_to(folder)))
            kept.mkdir(parents=True)
            (kept / "seconds").write_text(str(time.monotonic() - start))
        record = read_record(target)
        assert record is not None
        found[stage] = float((kept / "seconds").read_text()), record.peak_memory_mb, digest_of(target)
    return found


def _params(images: int, jobs: int) -> dict:
    params = read_params("params.yaml")
    mini = params["datasets"]["mini"]
    mini["data"].update(image_size=64, scenes={"train": images, "val": 8, "test": 2})
    mini["compare"] = {"seed_experiments": {}, "val_experiments": {}}
    for block in (mini["kinds"]["transformer"]["seed"], mini["affinity"], mini["segmentation"]):
        block.update(epochs=1, batch_size=64)
        block["augmentation"]["crop_size"] = 64
    mini["jobs"] = {"over_images": jobs}
    return params


def _before(folder: Path, stage: str) -> list[str]:
    """Return what is made before a stage, so that its own time is measured."""
    networks = {"extract_seed": "seed_network", "make_mask": "affinity_network", "predict": "segmentation_network"}
    return [f"results/mini/main/{networks[stage]}"] if stage in networks else []


def _run(folder: Path, cores: int, *targets: str) -> None:
    if targets:
        command = ["snakemake", "--cores", str(cores), "--quiet", "rules", "--", *targets]
        subprocess.run(command, cwd=folder, env=_environment(folder), check=True, stdout=subprocess.DEVNULL)


def _plan(folder: Path, cores: int) -> float:
    start = time.monotonic()
    command = ["snakemake", "-n", "--cores", str(cores), "--quiet", "all", "results/mini/main/predictions/train"]
    subprocess.run(command, cwd=folder, env=_environment(folder), check=True)
    return time.monotonic() - start


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(folder)}


if __name__ == "__main__":
    main()
