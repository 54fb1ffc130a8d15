"""Inputs that people get wrong: the rows of docs/refusals.md, which `page.py` writes.

Each is a function that spoils a small data set in VOC layout, COCO's or a table's, params.yaml, or a product, and says
what is run then.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from refusals.case import Case, Input, Runs, plan, prepare, run
from safetensors.torch import save_file

from wsss.files import write_mask

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
    content[()] = {"train_0000": Runs()}
    np.save(case.file("labels.npy"), content, allow_pickle=True)
    case.data("table")["labels"] = "../../labels.npy"
    return prepare("table")


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
def seed_missing(case: Case) -> list[str]:
    _made(case, prepare("mini"), TRAIN, EXTRACT)
    case.file(f"{SEEDS}/train_00003.npz").unlink()
    return [*EVALUATE, "--out", "metrics.json"]


@given(OF_PRODUCTS, "the same, and the record deleted")
def _(case: Case) -> list[str]:
    words = seed_missing(case)
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
    torch.save({"weight": Runs()}, case.file("weights.pth"))
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
