"""Plain vision transformers at full size: three training steps and the seeds of two photos, in 12 GB of address space.

python -m benchmarks.backbones --photos FOLDER [NAME ...]

FOLDER is in PASCAL VOC's layout; its first two training photos are used. The settings are params.yaml's for VOC, but
for the batch of two, random weights, and what stands after a comma in NAME. Prints the lines of the table in
docs/backbones.md.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from benchmarks.voc_subset import link_photos, listed
from wsss.config import read_params

NAMES = (
    "vit_small_patch14_reg4_dinov2",
    "vit_base_patch16_clip_224",
    "vit_base_patch16_224.mae",
    "deit3_small_patch16_224",
    "vit_small_patch16_dinov3",
    "deit_small_patch16_224,mapping=mct,regularization=none",
    "deit_small_patch16_224,mapping=mct_v2,regularization=none",
)
STEPS, PHOTOS = 3, 2
ADDRESS_SPACE = 12 * 2**30  # bytes, as `ulimit -v` sets it


def main() -> None:
    """Print a line for each network: processor seconds and peak memory of training and of extraction."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES)
    parser.add_argument("--photos", type=Path, required=True)
    given = parser.parse_args()
    for name in given.names:
        with tempfile.TemporaryDirectory() as folder:
            training, extraction = measured(name, given.photos.resolve(), Path(folder))
        print(f"| `{name}` | {training} | {extraction} |", flush=True)


def measured(name: str, photos: Path, folder: Path) -> tuple[str, str]:
    """Return processor seconds and peak memory of the two stages, as cells of a table."""
    root, data, params = folder / "photos", folder / "data", folder / "params.yaml"
    ids = listed(photos, "train")[:PHOTOS]
    link_photos(photos, root, {"train": ids, "val": ids})
    backbone, _, changes = name.partition(",")
    params.write_text(yaml.safe_dump(_params(backbone, root)))
    options = {"dataset": "few", "variant": changes or "main", "params": params, "threads": 1}
    network = folder / "seed_network"
    _run("prepare_data", options | {"out": data})
    training = _run("train_seed", options | {"data": data, "out": network})
    extraction = _run("extract_seed", options | {"data": data, "network": network, "out": folder / "seeds"})
    assert len(list((folder / "seeds").glob("*.npz"))) == PHOTOS
    return training, extraction


def _params(backbone: str, root: Path) -> dict:
    params = read_params("params.yaml")
    splits = {"train": "train", "evaluate": "train", "val": "train", "test": None}
    params["datasets"]["few"] = {
        "data": {"layout": "voc", "root": str(root), "splits": splits},
        "kinds": {"transformer": {"seed": {"epochs": STEPS, "batch_size": PHOTOS}}},
        "seed": {"backbone": backbone, "weights": None},
    }
    return params


def _run(stage: str, options: dict) -> str:
    """Run a stage in a process of its own; return two cells of a table: processor seconds, peak resident memory in MB.

    Processor seconds, as other programs on the machine would lengthen those of a clock.
    """
    program = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
        " used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss);"
        " sys.exit(done.returncode)"
    )
    arguments = [f"--{key}={value}" for key, value in options.items()]
    done = subprocess.run(
        [sys.executable, "-c", program, sys.executable, f"stages/{stage}.py", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE)),
    )
    seconds, kilobytes = map(float, done.stdout.split())
    return f"{seconds:.0f} | {kilobytes / 1000:,.0f}"


if __name__ == "__main__":
    main()
