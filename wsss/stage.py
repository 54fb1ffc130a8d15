"""What every stage's program shares: its command line, its messages, its record, its exit status.

A stage is a function `run(parameters, *, data: Path, out: Path, ...)`; its keyword arguments are its command line.
"""

from __future__ import annotations

import argparse
import errno
import inspect
import os
import re
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

from wsss.config import load_parameters
from wsss.config.stages import ON_GPU, TRAININGS
from wsss.errors import InputError
from wsss.files import whole_directory
from wsss.gpu import has_starter, is_one_of_several, use_gpus
from wsss.product.digest import digest_of_values
from wsss.product.gather import forget, gather
from wsss.product.intact import check_intact
from wsss.product.making import finish, given_paths, is_there, needs_no_part, wanted_record
from wsss.product.memory import MemoryWatch
from wsss.product.options import labelled_paths
from wsss.product.own_measurements import say_measured
from wsss.running import register

__all__ = ["labelled_paths", "main"]  # what programs need

_WORDS, _NUMBERS = (str, str | None, list[str], list[str] | None), (int, int | None)  # everything else is a path
_TYPES = dict.fromkeys(_WORDS, str) | dict.fromkeys(_NUMBERS, int)


def main(run: Callable, record: bool = True, beside: bool = False) -> None:
    """Run a stage from the command line.

    Every keyword argument of `run` is an option: a path unless its annotation is str, int, list[str] (which takes
    several values) or one of them or None; `weights: Path | None = None` is `--weights`, not required, and a bool is a
    switch. Beside them, --dataset, --variant and --params choose the parameters; `variant` is handed on where `run`
    takes it. A `run` without `parameters` works on no data set: it gets none of these three. `threads` becomes
    --threads, how many cores to use, 0 for all. A stage of `ON_GPU` has --gpus: it takes so many GPUs for itself, waits
    for them, and, a training on several, goes on as so many processes.

    `run` may return how many images it has worked on, for the record. One that takes a `part` works on that part of its
    images alone, with --part 2-of-7; --parts gathers what was made of all of them (`wsss.product.gather`).

    With `record`, `OUT.run.json` says what `out` was made of (`wsss.product.record`), and a stage whose `out` is there,
    made of the same, ends at once; --again makes it again. The record names the stage after the program, or after its
    option `step` where one program serves several stages. One that writes other files `beside` its `out` does not end
    so, as a planner may have deleted them. --planned is what `planned` gave when the run was planned.

    An input that is not what its own record says is refused (`wsss.product.intact`).

    Exits with status 1 and one line for an `InputError`, too little memory, a disk that is full or may not be written.
    """
    stage = Path(inspect.getfile(run)).stem
    arguments = dict(inspect.signature(run).parameters)
    names = [name for name in arguments if name not in ("parameters", "variant", "threads")]
    given = _parser(run, stage, arguments, names, record).parse_args()
    if not has_starter():  # which has said it
        print(shlex.join(["python", *sys.argv]), file=sys.stderr, flush=True)
    register(stage)
    try:
        options = {name: getattr(given, name) for name in names}
        if "parameters" in arguments:
            options["parameters"] = load_parameters(given.params, given.dataset, given.variant)
        wanted = None
        if record:
            not_default = {name: value for name, value in options.items() if value != arguments[name].default}
            wanted = wanted_record(options.get("step", stage), not_default)
            if given.planned not in (None, digest_of_values(wanted.settings)):
                raise InputError(f"{given.params} has changed since this run was planned; run the command again")
            asked = {stage, wanted.stage, str(given.out), "all"} & set(os.environ.get("WSSS_AGAIN", "").split())
            again = given.again or asked
            out, program = Path(given.out), Path(inspect.getfile(run))
            parts = given.parts or [] if "part" in arguments else []
            if not (again or beside) and is_there(out, wanted, program):
                print(f"{out}: as it was, as settings and inputs are; --again makes it again", file=sys.stderr)
                forget(parts)
                return
            if not again and needs_no_part(out, wanted, program):
                print(f"{out}: left empty, as the whole is there, as settings and inputs are", file=sys.stderr)
                with whole_directory(out):
                    return
            check_intact(given_paths(not_default), wanted.inputs)
            if parts:
                gather(parts, out, wanted)
                return
        if stage in ON_GPU:
            use_gpus(stage, given.gpus, several=stage in TRAININGS)
        start = time.monotonic()
        if "variant" in arguments:
            options["variant"] = given.variant
        if "threads" in arguments:  # the others need no torch and start faster without
            options["threads"] = _use_threads(given.threads)
        with MemoryWatch(os.getppid() if is_one_of_several() else os.getpid()).watching() as memory:
            images = run(**options)
        if wanted and os.environ.get("RANK", "0") == "0":  # of several processes (torchrun), one writes
            finish(out, wanted, program, time.monotonic() - start, images, memory.peak_mb)
    except InputError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        shortage = _shortage(error)
        if shortage is None:
            raise
        sys.exit(f"error: {stage}: {shortage}; nothing was kept of {given.out}")


def _parser(
    run: Callable, stage: str, arguments: dict[str, inspect.Parameter], names: list[str], record: bool
) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=inspect.getmodule(run).__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in names:
        default, annotation = arguments[name].default, arguments[name].annotation
        if annotation is bool:
            parser.add_argument(f"--{name.replace('_', '-')}", action="store_true")
            continue
        required = default is inspect.Parameter.empty
        several = {"nargs": "+"} if annotation in (list[str], list[str] | None) else {}
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            required=required,
            default=None if required else default,
            type=_TYPES.get(annotation, Path),
            **several,
        )
    if "part" in arguments:
        parser.add_argument("--parts", type=Path, nargs="+", help="what jobs have made of all parts, to be gathered")
    if "parameters" in arguments:
        parser.add_argument("--dataset", required=True, help="a name under datasets: in params.yaml")
        parser.add_argument("--variant", default="main", help="overrides, e.g. tau1=0.5,regularization=none")
        parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    if "threads" in arguments:
        parser.add_argument("--threads", type=int, default=0, help="cores to use; all by default")
    if stage in ON_GPU:
        parser.add_argument("--gpus", type=int, default=1, help="GPUs to use, where there are any; 0 for none")
    if record:
        parser.add_argument("--planned", help="a digest of the settings, refused where they are others by now")
        parser.add_argument("--again", action="store_true", help="make it again, though it is there")
    return parser


def _shortage(error: BaseException) -> str | None:
    """Say what the machine was short of, or does not allow, and what to do; None when that is not behind the error."""
    text = str(error)
    if "out of memory" in text:  # torch's message for GPUs
        return f"the GPU ran out of memory; lower batch_size or crop_size ({' '.join(text.split())[:200]})"
    if isinstance(error, MemoryError) or re.search(r"can't allocate memory|DataLoader worker .* (killed|exited)", text):
        return "out of memory; lower batch_size or run fewer jobs at a time"
    full, refused = (errno.ENOSPC, errno.EDQUOT), (errno.EROFS, errno.EACCES, errno.EPERM)
    link: BaseException | None = error
    while link is not None:  # torch and safetensors wrap a full disk in errors of their own
        number = link.errno if isinstance(link, OSError) else None
        if number in full or "No space left on device" in str(link):
            return "the disk is full; make room and run the stage again"
        if number in refused or "Read-only file system" in str(link):
            where = f"{link.filename}: " if isinstance(link, OSError) and link.filename else ""
            why = os.strerror(number or errno.EROFS).lower()
            return f"{where}{why}; see to it that this user may read and write there"
        link = link.__cause__ or link.__context__
    return None


def _use_threads(threads: int) -> int:
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # what deterministic matrix products on a GPU need
    import torch

    threads = threads or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if is_one_of_several() and not torch.cuda.is_available():
        os.environ["ACCELERATE_USE_CPU"] = "true"  # without it, accelerate takes each process for the only one
    threads = max(threads // int(os.environ.get("LOCAL_WORLD_SIZE", "1")), 1)  # of several processes (torchrun), each
    torch.set_num_threads(threads)
    say_measured("threads", threads)
    torch.set_deterministic_debug_mode("warn")  # use_deterministic_algorithms also imports the compiler: 2 s
    torch.backends.cudnn.benchmark = False
    return threads
