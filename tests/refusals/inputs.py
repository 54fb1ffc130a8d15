"""Inputs that people get wrong, and what each is answered: the rows of docs/refusals.md.

    python tests/refusals/inputs.py        # writes the tables into docs/refusals.md

Each input is a function that spoils a small data set in VOC layout, COCO's or a table's, params.yaml, or a product, and
says what is run then. `answer` runs it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))
from paths import REPOSITORY  # noqa: E402
from program import run_program  # noqa: E402
from project import Project, small_params  # noqa: E402
from real_layouts import write_coco  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from voc_folder import make_voc_folder  # noqa: E402

from wsss.files import read_mask, write_mask  # noqa: E402

PAGE = REPOSITORY / "docs/refusals.md"
STEPS = {"train": "train", "evaluate": "train", "val": "val", "test": None}


@dataclass(frozen=True)
class Input:
    """Something that is wrong: `spoil` does it in a project's folder and returns what is run then."""

    what: str
    spoil: Callable[[Case], list[str]]


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


def prepare(name: str) -> list[str]:
    return ["prepare_data", "--dataset", name, "--out", f"data/{name}", "--threads", "1"]


def plan(target: str, *options: str) -> list[str]:
    return ["snakemake", "-n", *options, "--", target]


AT_THE_PLAN: list[Input] = []
OF_DATA: list[Input] = []
OF_PRODUCTS: list[Input] = []
OF_TRAININGS: list[Input] = []


def given(table: list[Input], what: str) -> Callable:
    def enter(spoil: Callable[[Case], list[str]]) -> Callable[[Case], list[str]]:
        table.append(Input(what, spoil))
        return spoil

    return enter


def _at_the_plan() -> None:
    targets = {
        "a misspelt file": "results/mini/main/seed_metrcs.json",
        "a misspelt data set": "results/mimi/main/seed_metrics.json",
        "a misspelt key in a variant": "results/mini/tau_1=3/seed_metrics.json",
        "a value that is none": "results/mini/mapping=cn/seed_metrics.json",
        "two keys that cannot go together": "results/mini/mapping=mct/seed_metrics.json",
        "a table that is not there": "results/tables/mini/table9.md",
        "weights under a name that is none": "results/mini/weights=imagnet/seed_metrics.json",
        "seeds of a folder without a name": "results/mini/extract.from=seam/seed_metrics.json",
        "photos without a name": "results/mini/main/segmented/holiday",
        "a variable that is not set": "results/photos_val_miou.json",
        "a number that needs true masks": "results/table/main/mask_metrics.json",
    }
    for what, target in targets.items():
        given(AT_THE_PLAN, what)(lambda case, target=target: plan(target))
    given(AT_THE_PLAN, "`--config`")(lambda case: plan("all", "--config", "tau1=3"))


_at_the_plan()


@given(AT_THE_PLAN, "a submission, and `test: null`")
def _(case: Case) -> list[str]:
    return plan("results/own_test_submission.tar.gz")


@given(AT_THE_PLAN, "`val: null`, and its metrics")
def _(case: Case) -> list[str]:
    case.data("own")["splits"]["val"] = None
    return plan("results/own/main/val_metrics.json")


@given(AT_THE_PLAN, "classes given twice")
def _(case: Case) -> list[str]:
    case.data("own")["classes"] = ["cat", "dog", "cat"]
    return plan("results/own/main/seed_metrics.json")


@given(AT_THE_PLAN, "a data set called `my photos`")
def _(case: Case) -> list[str]:
    case.params["datasets"]["my photos"] = case.params["datasets"]["own"]
    return plan("results/own/main/seed_metrics.json")


@given(AT_THE_PLAN, "a wrong value under `kinds`")
def _(case: Case) -> list[str]:
    case.params["datasets"]["mini"]["kinds"]["transformer"]["seed"]["epochs"] = "many"
    return plan("results/mini/main/seed_metrics.json")


@given(AT_THE_PLAN, "a weights file that is not there")
def _(case: Case) -> list[str]:
    case.params["datasets"]["mini"]["seed"]["weights"] = "nowhere/vit.safetensors"
    return plan("results/mini/main/seed_metrics.json")


@given(AT_THE_PLAN, "a folder of data that is not there")
def _(case: Case) -> list[str]:
    case.data("own")["root"] = "/nowhere"
    return plan("results/own/main/seed_metrics.json")


@given(AT_THE_PLAN, "AffinityNet's crops too small for a pair")
def _(case: Case) -> list[str]:
    return plan("results/mini/affinity.augmentation.crop_size=16/masks")


@given(OF_DATA, "an empty list")
def _(case: Case) -> list[str]:
    case.file("own/ImageSets/Segmentation/val.txt").write_text("\n")
    return prepare("own")


@given(OF_DATA, "a split that has no list")
def _(case: Case) -> list[str]:
    case.data("own")["splits"]["val"] = "validation"
    return prepare("own")


@given(OF_DATA, "an id without a photo")
def _(case: Case) -> list[str]:
    with case.file("own/ImageSets/Segmentation/train.txt").open("a") as file:
        file.write("train_0099\n")
    return prepare("own")


@given(OF_DATA, "masks of 0 and 255 alone")
def _(case: Case) -> list[str]:
    case.each_mask(lambda mask: np.where(mask > 0, 255, 0))
    return prepare("own")


@given(OF_DATA, "masks numbered from 0")
def _(case: Case) -> list[str]:
    case.each_mask(lambda mask: np.where(mask > 0, mask - 1, 255))
    return prepare("own")


@given(OF_DATA, "a class number that no class has")
def _(case: Case) -> list[str]:
    case.each_mask(lambda mask: np.where(mask > 0, mask + 40, 0))
    return prepare("own")


@given(OF_DATA, "a mask in RGB")
def _(case: Case) -> list[str]:
    path = case.file("own/SegmentationClass/train_0001.png")
    Image.open(path).convert("RGB").save(path)
    return prepare("own")


@given(OF_DATA, "a mask of another size, of a photo that EXIF turns")
def _(case: Case) -> list[str]:
    photo, exif = case.file("own/JPEGImages/train_0001.jpg"), Image.Exif()
    exif[0x0112] = 6
    Image.open(photo).resize((48, 30)).save(photo, exif=exif)
    return prepare("own")


@given(OF_DATA, "a photo that is cut")
def _(case: Case) -> list[str]:
    path = case.file("own/JPEGImages/train_0001.jpg")
    os.truncate(path, path.stat().st_size // 2)
    return prepare("own")


@given(OF_DATA, "a photo of 32-bit numbers")
def _(case: Case) -> list[str]:
    Image.fromarray(np.zeros((48, 48), np.float32)).save(case.file("own/JPEGImages/train_0001.jpg"), "TIFF")
    return prepare("own")


@given(OF_DATA, "a photo of 196 megapixels")
def _(case: Case) -> list[str]:
    Image.new("1", (14000, 14000)).save(case.file("own/JPEGImages/train_0001.jpg"), "PNG")
    return prepare("own")


@given(OF_DATA, "an annotation that is no XML")
def _(case: Case) -> list[str]:
    case.file("own/Annotations/train_0001.xml").write_text("<annotation><object>")
    return prepare("own")


@given(OF_DATA, "an object of a class that is none")
def _(case: Case) -> list[str]:
    path = case.file("own/Annotations/train_0001.xml")
    path.write_text("<annotation><object><name>starr</name></object></annotation>")
    return prepare("own")


@given(OF_DATA, "COCO: a polygon with NaN")
def _(case: Case) -> list[str]:
    case.edit_json(lambda tree: tree["annotations"][0].update(segmentation=[[0, 0, float("nan"), 9, 9, 9]]))
    return prepare("theirs")


@given(OF_DATA, "COCO: a polygon that reaches to 1e9")
def _(case: Case) -> list[str]:
    case.edit_json(lambda tree: tree["annotations"][0].update(segmentation=[[0, 0, 1e9, 9, 9, 9]]))
    return prepare("theirs")


@given(OF_DATA, "COCO: a height in quotes")
def _(case: Case) -> list[str]:
    case.edit_json(lambda tree: tree["images"][0].update(height="40"))
    return prepare("theirs")


@given(OF_DATA, "COCO: a category that is not listed")
def _(case: Case) -> list[str]:
    case.edit_json(lambda tree: tree["annotations"][0].update(category_id=99))
    return prepare("theirs")


@given(OF_DATA, "COCO: a JSON that is cut")
def _(case: Case) -> list[str]:
    path = case.coco / "annotations/instances_train2014.json"
    os.truncate(path, path.stat().st_size // 2)
    return prepare("theirs")


@given(OF_DATA, "a table in Latin-1")
def _(case: Case) -> list[str]:
    case.file("labels.csv").write_bytes("file,labels\ntrain_0000.jpg,Tür\n".encode("latin-1"))
    return prepare("table")


@given(OF_DATA, "a table of other photos")
def _(case: Case) -> list[str]:
    case.file("labels.csv").write_text("file,labels\na.jpg,cat\nb.jpg,dog\n")
    return prepare("table")


@given(OF_DATA, "a pickle that runs code, as `cls_labels.npy`")
def _(case: Case) -> list[str]:
    content = np.empty((), object)
    content[()] = {"train_0000": _Runs()}
    np.save(case.file("labels.npy"), content, allow_pickle=True)
    case.data("table")["labels"] = "../../labels.npy"
    return prepare("table")


class _Runs:
    def __reduce__(self):
        return os.system, ("true",)


def _made(case: Case, *stages: list[str]) -> None:
    for words in stages:
        done = run(case, words)
        assert done.returncode == 0, done.stderr


NETWORK, SEEDS = "results/mini/main/seed_network", "results/mini/main/seeds"
TRAIN = ["train_seed", "--dataset", "mini", "--data", "data/mini", "--out", NETWORK, "--threads", "1"]
EXTRACT = ["extract_seed", "--dataset", "mini", "--data", "data/mini", "--network", NETWORK, "--out", SEEDS]
EVALUATE = ["evaluate", "--step", "evaluate_seed", "--dataset", "mini", "--data", "data/mini", "--made", SEEDS]


@given(OF_PRODUCTS, "a network that is cut")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"), TRAIN)
    os.truncate(case.file(f"{NETWORK}/network.safetensors"), 1000)
    return EXTRACT


@given(OF_PRODUCTS, "a seed that is missing")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"), TRAIN, EXTRACT)
    case.file(f"{SEEDS}/train_00003.npz").unlink()
    return [*EVALUATE, "--out", "metrics.json"]


@given(OF_PRODUCTS, "the same, and the record deleted")
def _(case: Case) -> list[str]:
    words = OF_PRODUCTS[1].spoil(case)
    case.file(f"{SEEDS}.run.json").unlink()
    return words


@given(OF_PRODUCTS, "a seed that is no archive, and the record deleted")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"), TRAIN, EXTRACT)
    case.file(f"{SEEDS}/train_00003.npz").write_bytes(b"PK")
    case.file(f"{SEEDS}.run.json").unlink()
    return [*EVALUATE, "--out", "metrics.json"]


@given(OF_PRODUCTS, "a list of the data set that was changed")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    case.file("data/mini/splits/train.txt").write_text("train_00001\n")
    return TRAIN


@given(OF_PRODUCTS, "weights of another network")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    save_file({"blocks.0.weight": torch.zeros(2, 2)}, case.file("other.safetensors"))
    return [*EXTRACT[:5], "--network", "other.safetensors", "--out", SEEDS]


@given(OF_TRAININGS, "weights that hold NaN")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    save_file({"blocks.0.weight": torch.full((2, 2), torch.nan)}, case.file("nan.safetensors"))
    case.params["datasets"]["mini"]["seed"]["weights"] = "nan.safetensors"
    return TRAIN


@given(OF_TRAININGS, "a pickle that runs code, as weights")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    torch.save({"weight": _Runs()}, case.file("weights.pth"))
    case.params["datasets"]["mini"]["seed"]["weights"] = "weights.pth"
    return TRAIN


@given(OF_TRAININGS, "one image of one position under batch norm")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    return [*TRAIN, "--variant", "batch_size=1,augmentation.crop_size=8"]


@given(OF_TRAININGS, "a learning rate at which it diverges")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    return [*TRAIN, "--variant", "optimizer.lr=1e30,optimizer.warmup_epochs=0"]


@given(OF_TRAININGS, "masks of void alone")
def _(case: Case) -> list[str]:
    _made(case, prepare("mini"))
    masks = case.file("masks")
    masks.mkdir()
    for name in case.file("data/mini/splits/train.txt").read_text().split():
        write_mask(masks / f"{name}.png", np.full((48, 48), 255))
    return ["train_segmentation", *TRAIN[1:5], "--masks", "masks", "--out", "results/network"]


TABLES = {
    "Before anything runs": AT_THE_PLAN,
    "Data": OF_DATA,
    "Products": OF_PRODUCTS,
    "Trainings": OF_TRAININGS,
}


def run(case: Case, words: list[str]):
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


def rows(table: list[Input], seconds: bool = False) -> Iterator[str]:
    for one in table:
        said, lines, took = answer(one)
        times = f" {took:.1f} | {lines} |" if seconds else ""
        yield f"| {one.what} | {cell(said)} |{times}"


def cell(text: str) -> str:
    """Return a text as a cell of a Markdown table."""
    return re.sub(r"([|<>*_`])", r"\\\1", text)


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for title, table in TABLES.items():
        timed = title == "Before anything runs"
        head = "| what | answer |" + (" seconds | lines |\n| --- | --- | ---: | ---: |" if timed else "\n| --- | --- |")
        made = "\n".join([head, *rows(table, timed)])
        pattern = rf"(## {title}\n.*?)\| what \|.*?(?=\n\n|\Z)"
        text, count = re.subn(pattern, lambda match, made=made: match[1] + made, text, count=1, flags=re.DOTALL)
        assert count == 1, title
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
