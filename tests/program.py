"""A stage's program, run within the test's process: a Python of its own would take seconds to import torch."""

from __future__ import annotations

import contextlib
import io
import runpy
import sys
import traceback
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

import torch
from paths import REPOSITORY


def run_program(stage: str, *arguments: object, folder: Path = REPOSITORY) -> CompletedProcess:
    """Run `python stages/{stage}.py arguments` in `folder`; return its exit status and what it wrote."""
    command = [f"stages/{stage}.py", *map(str, arguments)]
    threads, exact = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    out, err, status = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(sys, "argv", command),
    ):
        try:
            runpy.run_path(str(REPOSITORY / command[0]), run_name="__main__")
        except SystemExit as ending:  # a text is what Python prints before it exits with 1
            status = 1 if isinstance(ending.code, str) else ending.code or 0
            print(ending.code if isinstance(ending.code, str) else "", file=err)
        except Exception:
            status = 1
            traceback.print_exc()
        finally:
            torch.set_num_threads(threads)
            torch.use_deterministic_algorithms(exact)
    return CompletedProcess(command, status, out.getvalue(), err.getvalue())
