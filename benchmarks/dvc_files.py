"""How long DVC takes for many small files, as stages write them.

python -m benchmarks.dvc_files 10000 [hardlink,copy]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STAGES = {"seeds": 1500, "affinity_labels": 400, "masks": 400}  # bytes a file, about those of 96×96 scenes
_DVC_YAML = "stages:\n  results:\n    cmd: 'true'\n    outs:\n      - results:\n          persist: true\n"


def main() -> None:
    """Print seconds for a repository of its own, with a folder as its remote."""
    images, cache_type = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "reflink,copy"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for command in (
            *("git init", "dvc init", "dvc config core.analytics false", f"dvc config cache.type {cache_type}"),
            "dvc remote add -d store store",
        ):
            _run(command)
        Path("dvc.yaml").write_text(_DVC_YAML)
        for stage in STAGES:
            _write(stage, images)
        print(f"{len(STAGES) * images} files, cache.type {cache_type}")
        _timed("commit", "dvc commit -f results")
        _timed("commit, nothing changed", "dvc commit -f results")
        _write("masks", images)
        _timed("commit, a third changed", "dvc commit -f results")
        _timed("status", "dvc status")
        _timed("push to a folder", "dvc push")
        subprocess.run(["rm", "-rf", "results"], check=True)
        _timed("checkout", "dvc checkout")


def _write(stage: str, images: int) -> None:
    """Write a file an image, in place of what is there: links into DVC's cache are not written through."""
    folder = Path("results", stage)
    subprocess.run(["rm", "-rf", folder], check=True)
    folder.mkdir(parents=True)
    for number in range(images):
        (folder / f"{number:06d}").write_bytes(os.urandom(STAGES[stage]))


def _timed(what: str, command: str) -> None:
    start = time.perf_counter()
    _run(command)
    print(f"{what:<26}{time.perf_counter() - start:8.1f} s", flush=True)


def _run(command: str) -> None:
    subprocess.run([*command.split(), "--quiet"], check=True)


if __name__ == "__main__":
    main()
