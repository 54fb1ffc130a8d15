"""What a stage that needs torch takes before it does anything, beside an import of torch and timm."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.comparison import Comparison, seconds

STAGES = ("train_seed", "extract_seed", "make_mask")
REPEAT = 5


def run(folder: Path) -> list[Comparison]:
    """Ask stages for their help, which comes after all imports, in turns with the plain import."""

    def plain() -> None:
        subprocess.run([sys.executable, "-c", "import torch, timm"], check=True)

    comparisons = []
    for stage in STAGES:
        program = [sys.executable, f"stages/{stage}.py", "--help"]

        def ours(program: list[str] = program) -> None:
            subprocess.run(program, check=True, stdout=subprocess.DEVNULL)

        ours_s, plain_s = seconds(ours, plain, repeat=REPEAT)
        comparisons.append(
            Comparison(f"start of `{stage}`", "all imports", "`import torch, timm`", ours_s, plain_s, "s", 1 / 1.4)
        )
    return comparisons
