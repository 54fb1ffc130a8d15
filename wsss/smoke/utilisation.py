"""How busy GPUs are while something runs, as nvidia-smi tells once a second."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from datetime import datetime


class Utilisation:
    """A context in which the load of the GPUs that this process may use is noted; without nvidia-smi, nothing is."""

    def __init__(self) -> None:
        self._samples: list[tuple[float, float]] = []
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Utilisation:
        program = shutil.which("nvidia-smi")
        if program is not None:
            command = [program, "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "-l", "1"]
            visible = os.environ.get("CUDA_VISIBLE_DEVICES")
            if visible:
                command.append(f"--id={visible}")
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            if line.strip().isdigit():  # "[N/A]" of a slice of a GPU (MIG)
                self._samples.append((time.time(), float(line)))

    def during(self, made: str, seconds: float) -> float | None:
        """Return the mean load in percent over the `seconds` that ended at `made`, as records have it; None: unknown.

        Of several GPUs, the busiest: a stage uses one.
        """
        end = datetime.fromisoformat(made).timestamp() + 1  # a record's time is cut to seconds
        found: dict[int, float] = {}
        for when, load in self._samples:
            if end - seconds - 1 <= when <= end:
                found[int(when)] = max(found.get(int(when), 0.0), load)
        return sum(found.values()) / len(found) if found else None
