"""Compiled code: where it is kept, what is said of it, and that several processes wait for one compiler."""

import os
import subprocess
import sys

import pytest
from paths import REPOSITORY

_RUN = """
import numpy as np
from wsss.crf import dense_crf
print(dense_crf(np.zeros((2, 3, 3), np.uint8), np.full((2, 2, 3), 0.5, np.float32)).sum())
"""


def start(code: str, **environment: str) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)} | environment
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, env=environment, text=True, **pipes)


def test_importing_it_imports_no_compiler():
    code = "import sys, wsss.crf; print([name for name in ('numba', 'llvmlite', 'torch') if name in sys.modules])"
    assert start(code).communicate()[0].strip() == "[]"


@pytest.mark.slow
def test_processes_that_start_at_once_compile_once_and_say_so(tmp_path):
    processes = [start(_RUN, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(3)]
    printed = [process.communicate() for process in processes]
    assert [out.strip() for out, _ in printed] == ["6.0"] * 3
    said = [error for _, error in printed if "compiling" in error]
    assert len(said) == 1 and str(tmp_path) in said[0]
    assert start(_RUN, NUMBA_CACHE_DIR=str(tmp_path)).communicate() == ("6.0\n", "")


@pytest.mark.slow
def test_where_nothing_can_be_kept_it_still_runs_and_says_so(tmp_path):
    (tmp_path / "file").touch()
    out, error = start(_RUN, NUMBA_CACHE_DIR=str(tmp_path / "file" / "folder")).communicate()
    assert out == "6.0\n"
    assert "NUMBA_CACHE_DIR" in error
