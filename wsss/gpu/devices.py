"""Which GPUs this machine has, as its driver says, without waking any of them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

_DRIVER = Path("/proc/driver/nvidia")


class Device(NamedTuple):
    """A GPU, or what it is divided into."""

    uuid: str  # GPU-...
    parts: tuple[str, ...] = ()  # MIG-..., if it is divided

    @property
    def units(self) -> tuple[str, ...]:
        """What a job can have of it: its parts, or all of it."""
        return self.parts or (self.uuid,)


def devices() -> list[Device]:
    """Return the GPUs that this process may see, in the driver's order; none where there is no `nvidia-smi`."""
    if shutil.which("nvidia-smi") is None:
        if _DRIVER.exists():
            print(
                "nvidia-smi is not on PATH, so it is not known which GPUs are free; put it there, or set "
                "CUDA_VISIBLE_DEVICES",
                file=sys.stderr,
            )
        return []
    asked = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True)
    return listed(asked.stdout) if asked.returncode == 0 else []  # it fails where a driver has no GPU


def listed(text: str) -> list[Device]:
    """Return the GPUs that `nvidia-smi -L` lists: a line for each, followed by one for each of its MIG parts."""
    found: list[Device] = []
    for line in text.splitlines():
        if match := re.search(r"\(UUID: (GPU-[^)]+)\)", line):
            found.append(Device(match[1]))
        elif found and (match := re.search(r"\(UUID:\s*(MIG-[^)]+)\)", line)):
            found[-1] = found[-1]._replace(parts=(*found[-1].parts, match[1]))
    return found
