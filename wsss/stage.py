"""What every stage's program shares: its command line, its messages, its record, its exit status.

A stage is a function `run(parameters, *, data: Path, out: Path, ...)`; its keyword arguments are its command line.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import platform
import shlex
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from wsss.config import Parameters, blocks_of, load_parameters
from wsss.errors import InputError
from wsss.files import write_json


def main(run: Callable) -> None:
    """Run a stage from the command line.

    Every keyword argument of `run` is an option (`weights: Path | None = None` is `--weights`, not required), and
    beside them: --dataset, --variant, --params choose the parameters, --threads says how many cores to use.
    Exits with status 1 and one line for an `InputError`, a full disk or too little memory.
    """
    stage = Path(inspect.getfile(run)).stem
    parser = argparse.ArgumentParser(
        description=inspect.getmodule(run).__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [name for name in inspect.signature(run).parameters if name not in ("parameters", "threads")]
    for name in names:
        default = inspect.signature(run).parameters[name].default
        required = default is inspect.Parameter.empty
        parser.add_argument(f"--{name.replace('_', '-')}", required=required, default=None if required else default)
    parser.add_argument("--dataset", required=True, help="a name under datasets: in params.yaml")
    parser.add_argument("--variant", default="main", help="overrides, e.g. tau1=0.5,regularization=none")
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    parser.add_argument("--threads", type=int, default=0, help="cores to use; all by default")
    given = parser.parse_args()
    print(shlex.join(["python", *sys.argv]), file=sys.stderr, flush=True)
    try:
        parameters = load_parameters(given.params, given.dataset, given.variant)
        threads = _use_threads(given.threads)
        paths = {name: getattr(given, name) for name in names}
        texts = {name for name, option in inspect.signature(run).parameters.items() if option.annotation is str}
        options = {name: value if name in texts else value and Path(value) for name, value in paths.items()}
        if "threads" in inspect.signature(run).parameters:
            options["threads"] = threads
        run(parameters, **options)
        write_record(Path(given.out), stage, parameters)
    except InputError as error:
        sys.exit(f"error: {error}")
    except MemoryError:
        sys.exit(f"error: {stage} ran out of memory; lower its batch_size or run fewer jobs at a time")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        sys.exit(f"error: the disk is full ({error.filename or given.out}); nothing was kept of {given.out}")
    except RuntimeError as error:
        if "out of memory" not in str(error):
            raise
        sys.exit(f"error: {stage} ran out of GPU memory; lower its batch_size or crop_size ({error})")


def _use_threads(threads: int) -> int:
    import os

    import torch

    threads = threads or len(os.sched_getaffinity(0))
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False
    return threads


def write_record(out: Path, stage: str, parameters: Parameters) -> None:
    """Write `{out}.run.json`: the resolved parameters that the stage depends on, and the versions that made it."""
    blocks = blocks_of(stage, parameters.segmentation.supervision)
    packages = ("torch", "timm", "numpy", "pillow", "pydensecrf2")
    git = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    write_json(
        out.with_name(f"{out.name}.run.json"),
        {
            "stage": stage,
            "dataset": parameters.dataset,
            "parameters": parameters.blocks(blocks),
            "versions": {"python": platform.python_version(), **{name: version(name) for name in packages}},
            "commit": git.stdout.strip() or None,
        },
    )
