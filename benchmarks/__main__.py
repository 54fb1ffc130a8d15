"""Run all measurements and write results/benchmarks.json and results/benchmarks.md.

python -m benchmarks [--out results/benchmarks.json] [random_walk ...]
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import psutil
import torch

from benchmarks.comparison import Comparison
from wsss.files import whole_file, write_json

WORKS = (
    "start",
    "random_walk",
    "affinities",
    "seed_evaluation",
    "dense_crf",
    "confident_labels",
    "extraction",
    "training_speed",
    "segmenting",
    "page",
    "memory",
)


def main() -> None:
    """Measure; exit with status 1 where a ratio is not reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="work", help="all by default")
    parser.add_argument("--out", type=Path, default=Path("results/benchmarks.json"))
    given = parser.parse_args()
    torch.set_num_threads(len(psutil.Process().cpu_affinity()))
    comparisons = []
    with tempfile.TemporaryDirectory() as folder:
        for work in given.works or WORKS:
            for comparison in import_module(f"benchmarks.{work}").run(Path(folder)):
                comparisons.append(comparison)
                print(_line(comparison), file=sys.stderr, flush=True)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    write_json(given.out, {"machine": machine(), "comparisons": [one.record() for one in comparisons]})
    with whole_file(given.out.with_suffix(".md")) as part:
        part.write_text(markdown(comparisons))
    if any(one.reached is False for one in comparisons):
        sys.exit("some ratios are not reached")


def machine() -> dict:
    """Return on what was measured."""
    return {
        "processor": _processor(),
        "cores": len(psutil.Process().cpu_affinity()),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def markdown(comparisons: list[Comparison]) -> str:
    """Return the measurements as a page."""
    about = ", ".join(f"{name} {value}" for name, value in machine().items() if value is not None)
    lines = ["# Benchmarks", "", f"Both sides timed in one run. {about}.", ""]
    lines += ["| work | ours | against | its | ratio | at least |", "| --- | ---: | --- | ---: | ---: | ---: |"]
    return "\n".join([*lines, *map(_line, comparisons)]) + "\n"


def _line(one: Comparison) -> str:
    least = "" if one.at_least is None else f"{one.at_least:g}" + ("" if one.reached else ", **not reached**")
    sides = f"{one.ours:.3g} {one.unit} | {one.against} | {one.other:.3g} {one.unit}"
    return f"| {one.work}: {one.size} | {sides} | {one.ratio:.3g} | {least} |"


if __name__ == "__main__":
    main()
