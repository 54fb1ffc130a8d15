"""A copy of the project, small enough to run whole in a test."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import yaml
from paths import REPOSITORY

from wsss.config import read_params

COPIED = (
    *("Snakefile", "workflow", "profiles", "dvc.yaml"),
    *(".dvc/config", ".dvc/.gitignore", ".dvcignore", ".gitignore"),
)


class Project:
    """A project folder with its own params.yaml, whose commands run as a user would type them.

    It has the repository's library and programs, unless `root` has its own; without `params`, the params.yaml that is
    there.
    """

    def __init__(self, root: Path, params: dict | None):
        self.root = root
        for name in COPIED:
            source, target = REPOSITORY / name, root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
        for name in (
            "wsss",
            "stages",
        ):  # links, whichever is installed: coverage knows their files
            if not (root / name).exists():
                (root / name).symlink_to(REPOSITORY / name)
        if params is not None:
            self.write_params(params)

    @classmethod
    def at(cls, root: Path) -> Project:
        """Return the project that lies in a folder already, such as a copy of one."""
        project = cls.__new__(cls)
        project.root = root
        return project

    def write_params(self, params: dict) -> None:
        self.params = params
        (self.root / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))

    def start(self, *command: str, **environment: str) -> subprocess.Popen:
        """Start a command with what is installed beside this Python; stdout and stderr come as one text."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return subprocess.Popen(
            command,
            cwd=self.root,
            # whoever runs the tests may want lines; the tests read Snakemake's own text
            env={**os.environ, "PATH": path, "PYTHONPATH": str(self.root), "WSSS_LINES": "", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, timeout: float = 600, **environment: str) -> subprocess.CompletedProcess:
        """Run a command to its end; see `start`."""
        process = self.start(*command, **environment)
        try:
            output, _ = process.communicate(timeout=timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with the jobs that the command has started
            process.wait()
            raise
        return subprocess.CompletedProcess(command, process.returncode, output)

    def snakemake(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        return self.run("snakemake", "--cores", "2", *arguments, **environment)


def small_params() -> dict:
    """Return params.yaml with a `mini` of a dozen scenes and one epoch everywhere, without comparisons."""
    params = read_params(REPOSITORY / "params.yaml")
    mini = params["datasets"]["mini"]
    mini["data"].update(image_size=48, scenes={"train": 12, "val": 6, "test": 3})
    mini["compare"] = {"seed_experiments": {}, "val_experiments": {}}
    for block in (mini["kinds"]["transformer"]["seed"], mini["affinity"], mini["segmentation"]):
        block.update(epochs=1, batch_size=4)
        block["augmentation"]["crop_size"] = 48
    mini["predict"] = {"scales": [1.0], "crf": {"iterations": 1}}
    mini["affinity_labels"] = {"crf": {"iterations": 1}}
    return params
