"""A small project that an input spoils, and what is said to it."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import yaml
from program import run_program
from project import Project, small_params
from real_layouts import write_coco
from voc_folder import make_voc_folder

from wsss.files import read_mask, write_mask

STEPS = {"train": "train", "evaluate": "train", "val": "val", "test": None}


class Case:
    """A project's folder with the data sets `own` (VOC layout), `theirs` (COCO) and `table`, each in its folder."""

    def __init__(self, root: Path):
        self.root, self.params, self.project = root, small_params(), Project(root, None)
        self.classes = list(make_voc_folder(root / "own", train=4, val=2, test=0))
        self.coco = write_coco(root / "theirs")
        mini = {key: value for key, value in self.params["datasets"]["mini"].items() if key != "data"}
        self.params["datasets"] |= {
            "own": {**mini, "data": {"layout": "voc", "root": "own", "classes": self.classes, "splits": dict(STEPS)}},
            "theirs": {**mini, "data": self._of_coco()},
            "table": {**mini, "data": self._of_table()},
        }

    def _of_coco(self) -> dict:
        files = {split: f"annotations/instances_{split}2014.json" for split in ("train", "val")}
        return {"layout": "coco", "root": "theirs", "annotations": files, "splits": dict(STEPS)}

    def _of_table(self) -> dict:
        rows = ["file,labels", *(f"train_{index:04d}.jpg,{self.classes[index]}" for index in range(4))]
        (self.root / "labels.csv").write_text("\n".join(rows))
        splits = {"train": "train", "evaluate": None, "val": None, "test": None}
        return {"layout": "labels", "root": "own/JPEGImages", "labels": "../../labels.csv", "splits": splits}

    def data(self, name: str) -> dict:
        return self.params["datasets"][name]["data"]

    def file(self, path: str) -> Path:
        return self.root / path

    def edit_json(self, edit: Callable[[dict], None]) -> None:
        path = self.coco / "annotations/instances_train2014.json"
        tree = json.loads(path.read_text())
        edit(tree)
        path.write_text(json.dumps(tree))

    def each_mask(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        for path in sorted(self.root.glob("own/SegmentationClass/*.png")):
            write_mask(path, change(read_mask(path)))


@dataclass(frozen=True)
class Input:
    """Something that is wrong: `spoil` does it in a project's folder and returns what is run then."""

    what: str
    spoil: Callable[[Case], list[str]]


def prepare(name: str) -> list[str]:
    return ["prepare_data", "--dataset", name, "--out", f"data/{name}", "--threads", "1"]


def plan(target: str, *options: str) -> list[str]:
    return ["snakemake", "-n", *options, "--", target]


class Runs:
    def __reduce__(self):
        return os.system, ("true",)


def run(case: Case, words: list[str]) -> CompletedProcess:
    case.file("params.yaml").write_text(yaml.safe_dump(case.params, sort_keys=False, allow_unicode=True))
    if words[0] == "snakemake":
        variables = ("WSSS_PHOTOS", "WSSS_WEIGHTS")  # which a machine may have set
        return case.project.run("env", *(f"-u{name}" for name in variables), *words)
    return run_program(words[0], *words[1:], folder=case.root)


def answer(one: Input) -> tuple[str, int, float]:
    """Return what an input is answered, in how many lines, and after how many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        case = Case(Path(folder))
        words = one.spoil(case)
        start = time.monotonic()
        done = run(case, words)
        seconds = time.monotonic() - start
        output = f"{done.stdout or ''}\n{done.stderr or ''}".replace(folder, "")
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("python stages/")]
    errors = [line for line in lines if line.startswith("error: ")]
    assert done.returncode == 1 and len(errors) == 1 and lines[-1] == errors[0], f"{one.what}: {output[-3000:]}"
    return errors[0].removeprefix("error: "), len(lines), seconds
