"""Look at a folder of photos and their labels, say what is there, and write a data set's entry into params.yaml.

python stages/describe_data.py PHOTOS --labels labels.csv --name mine

Labels are a table (.csv, .tsv), a list (.txt), cls_labels.npy, COCO's JSON, a folder of VOC's XML files, or, without
--labels, the folders that the photos lie in. Nothing is trained; params.yaml keeps its comments.
"""

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from wsss.config.blocks import Data
from wsss.config.own_entry import add_entry, check_free
from wsss.config.resolve import load_parameters
from wsss.data.describe import describe
from wsss.data.labelled_photos import match_labels
from wsss.data.labels import read_labels
from wsss.data.layouts.labels import UNLABELLED, draw, masks_of, read_splits
from wsss.data.photo_folder import PhotoFolder
from wsss.errors import InputError
from wsss.product.options import labelled_paths


def main() -> None:
    """Look, say, write; exit with status 1 and one line where something is wrong."""
    given = _parser().parse_args()
    try:
        run(given)
    except InputError as error:
        sys.exit(f"error: {error}")


def run(given: argparse.Namespace) -> None:
    """Describe the photos and labels that are given, and add their entry."""
    check_free(given.params, given.name)
    root, masks = _absolute(given.photos), _absolute(given.masks) if given.masks else None
    source = _absolute(given.labels) if given.labels else root
    lists = {split: _absolute(path) for split, path in labelled_paths(given.lists).items()}
    if masks and not given.classes:
        raise InputError("--masks: give --classes, too: all classes in the order of their numbers in the masks")
    folder = PhotoFolder(root, without=[masks] if masks else [])
    found = match_labels(folder, read_labels(source, given.classes))
    splits = read_splits(folder, found, lists)
    drawn = {} if lists or not given.val else {"val": given.val}
    if drawn:
        splits["train"], splits["val"] = draw(splits["train"], given.val, given.random_seed)
    masked = set(masks_of(folder, masks))
    data: dict[str, Any] = {"layout": "labels", "root": str(root), "labels": _below(root, source)}
    if given.classes:
        data["classes"] = given.classes
    if masks:
        data["masks"] = _below(root, masks)
    if lists:
        data["lists"] = {split: _below(root, path) for split, path in lists.items()}
    if drawn:
        data |= {"draw": drawn, "random_seed": given.random_seed}
    data["splits"] = _steps(splits, masked)
    print(describe(found, splits))
    if masks:
        print(f"  {len(masked):,} photos have a true mask")
    lines = add_entry(given.params, given.name, data, given.like)
    print(
        f"\n{given.params}: added under `datasets`\n\n{lines}\n{_networks(given)}\n\nNext:\n{_next(given.name, data)}"
    )


def _networks(given: argparse.Namespace) -> str:
    """Say which networks the entry has, and what they need."""
    parameters = load_parameters(given.params, given.name, "main")
    blocks = (parameters.seed, parameters.affinity, parameters.segmentation)
    names = ", ".join(dict.fromkeys(block.backbone for block in blocks))
    variables = sorted({name for block in blocks for name in re.findall(r"\$\{?(\w+)", str(block.weights))})
    needed = f"; set {', '.join(variables)} to the file of their weights" if variables else ""
    hint = "" if given.like else ", as the paper's; smaller ones: delete the entry, and give --like photos"
    return f"Networks: {names}{hint}{needed}"


def _steps(splits: dict[str, list[str]], masked: set[str]) -> dict[str, str | None]:
    """Return which split each step of the pipeline takes: one that measures, only if there is something to measure."""
    val = "val" if "val" in splits and (not masked or masked & set(splits["val"])) else None
    others = ("val", "test", UNLABELLED) if val is None else ("test", UNLABELLED)
    test = next((name for name in others if name in splits), None)
    return {"train": "train", "evaluate": "train" if masked & set(splits["train"]) else None, "val": val, "test": test}


def _next(name: str, data: dict[str, Any]) -> str:
    block = Data.model_validate(data)
    predicted = block.splits.predicted
    targets = {
        f"results/{name}/data.html": "a page of the photos and labels",
        f"results/{name}/main/mask_quality.json": "masks of the training photos; the worst of them are in the .html",
        f"results/{name}/main/predictions/{predicted}": f"what the trained network makes of {predicted}",
        f"results/{name}/figures/overview.png": "some of all steps in one picture",
    }
    if block.measures("val"):
        targets[f"results/{name}_val_miou.json"] = "how good all this is by the true masks"
    width = max(map(len, targets))
    return "\n".join(f"  snakemake --cores all {target:<{width}}  # {what}" for target, what in targets.items())


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 (a link stays one: what it points to may change)


def _below(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, metavar="PHOTOS", help="a folder; photos may lie in folders below it")
    parser.add_argument("--labels", type=Path, help="a file or folder; without, the names of the photos' folders")
    parser.add_argument("--name", required=True, help="what to call the data set")
    parser.add_argument("--classes", nargs="+", help="all classes in the order of their numbers; else as in the labels")
    parser.add_argument("--masks", type=Path, help="a folder with true masks of some photos, if there are any")
    parser.add_argument("--lists", nargs="+", default=[], metavar="SPLIT=FILE", help="the photos of each split")
    parser.add_argument("--val", type=float, default=0.1, help="share of the photos not to train on, drawn; 0 for none")
    parser.add_argument("--random-seed", type=int, default=0, help="of that draw")
    parser.add_argument("--like", help="a data set in params.yaml, whose networks and trainings to take")
    parser.add_argument("--params", type=Path, default=Path("params.yaml"))
    return parser


if __name__ == "__main__":
    main()
