"""A machine with made-up GPUs: a program `nvidia-smi` that lists them, and jobs that take some."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from paths import REPOSITORY

JOB = """
import os, sys, time
from wsss.gpu import take_gpus
take_gpus(int(sys.argv[1]))
print(os.environ.get("CUDA_VISIBLE_DEVICES", "not set"), flush=True)
time.sleep(60)
"""
OTHERS = ("CUDA_VISIBLE_DEVICES", "LOCAL_RANK", "WSSS_GPU_SLOTS")


class Machine:
    """A machine with GPUs as `nvidia-smi -L` lists them, in a folder of its own."""

    def __init__(self, folder: Path, listing: str):
        self.folder = folder
        self.jobs: list[subprocess.Popen] = []
        (folder / "bin").mkdir()
        smi = folder / "bin" / "nvidia-smi"
        smi.write_text(f"#!/bin/sh\ncat <<'END'\n{listing}\nEND\n")
        smi.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if name not in OTHERS and not name.startswith("SLURM")
        }
        return inherited | {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "WSSS_GPU_FOLDER": str(self.folder / "slots"),
            "PYTHONPATH": str(REPOSITORY),
        }

    def start(self, count: int = 1, program: str = JOB, **environment: str) -> subprocess.Popen:
        """Start a job that takes so many GPUs."""
        command = [sys.executable, "-c", program, str(count)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.jobs.append(subprocess.Popen(command, env=self.environment | environment, **pipes))
        return self.jobs[-1]

    def sees(self, count: int = 1, **environment: str) -> str:
        """Return what a job is given to see, which goes on holding it."""
        return self.start(count, **environment).stdout.readline().strip()

    def end(self) -> None:
        for job in self.jobs:
            job.kill()
            job.communicate()
