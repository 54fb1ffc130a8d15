"""Segment photos with an exported network: a folder of them, also in folders below it, or one.

python stages/segment.py --model results/mini/main/model --photos /path/to/photos --out segmented

OUT/masks/NAME.png are class numbers as a palette PNG, OUT/overlays/NAME.jpg the photos under them, OUT/photos.csv the
share of each class in each photo, and what is wrong with those that could not be segmented. --probabilities adds
OUT/probabilities/NAME.npz. Photos are turned as EXIF says, and so are their masks. --longest-side makes larger photos
smaller for the network, by default to the longest in its data set; 0 takes all as they are. Masks have photos' sizes.

Exits with status 1 where a photo could not be segmented; all others are there. With --bad-files list, it just names it.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from wsss.crf import prepare
from wsss.data.photo_folder import PHOTO_SUFFIXES, photos_below
from wsss.device import inference_precision
from wsss.errors import InputError, did_you_mean, first_few
from wsss.exported.photos import Photo, batches, read_photos
from wsss.exported.segmenter import Segmenter, enlarged, load_segmenter, winners
from wsss.figures.pictures import mask_overlay
from wsss.files import whole_directory, write_mask
from wsss.parallel import ahead
from wsss.progress import progress
from wsss.segmentation.inference import refine
from wsss.stage import main

LIST = "photos.csv"
SHOWN = 1024  # pixels along the longer side of an overlay
_DECODERS = 2  # threads
_WRITERS = 2  # threads, without a CRF; with one, every core


class Task(NamedTuple):
    """What is left to do for a photo that the network has seen: its classes in play (N,), their scores (N, h, w)."""

    path: Path
    photo: Photo
    classes: np.ndarray
    scores: np.ndarray


class Found(NamedTuple):
    """What photos.csv says of a photo: its size and the share of each class 0…C, or what is wrong with it."""

    path: Path
    size: tuple[int, int] | None = None
    shares: np.ndarray | None = None
    problem: str = ""


def run(
    *,
    model: Path,
    photos: Path,
    out: Path,
    probabilities: bool = False,
    longest_side: int | None = None,
    bad_files: str = "fail",
    threads: int,
) -> int:
    """Write the folder `out`; return how many photos were segmented."""
    if bad_files not in ("fail", "list"):
        raise InputError(f"--bad-files {bad_files}: choose fail or list{did_you_mean(bad_files, ('fail', 'list'))}")
    if longest_side is not None and longest_side < 0:
        raise InputError(f"--longest-side {longest_side}: give pixels, or 0 for photos as they are")
    names = _names(photos)
    _check_out(out, photos)
    segmenter = load_segmenter(model)
    has_crf = segmenter.model.inference.crf is not None
    if has_crf:
        prepare()  # once, before each thread would
    with whole_directory(out) as folder, inference_precision(segmenter.device, segmenter.network):
        write = partial(_write, folder, names, segmenter, probabilities)
        tasks = _tasks(segmenter, list(names), segmenter.longest_side(longest_side))
        done = ahead(write, tasks, threads if has_crf else _WRITERS)
        found = {one.path: one for one in progress(done, len(names), "segmenting")}
        _write_list(folder / LIST, {name: found[path] for path, name in names.items()}, photos, segmenter.classes)
    problems = [found[path].problem for path in names if found[path].problem]
    print(f"{out}: {len(names) - len(problems)} of {len(names)} photos segmented")
    if problems:
        text = f"{len(problems)} of {len(names)} photos could not be segmented; {out / LIST} names all"
        if bad_files == "fail":
            raise InputError(f"{text}: {first_few(problems)}")
        print("\n".join([f"{text}:", *problems]))
    return len(names) - len(problems)


def _names(photos: Path) -> dict[Path, str]:
    """Return {photo: the name of what is made of it, without a suffix}; two that differ in suffix alone keep theirs."""
    if photos.is_file():
        return {photos: photos.stem}
    paths = {path: path.relative_to(photos) for path in photos_below(photos)}
    if not paths:
        raise InputError(f"{photos}: holds no photo ({', '.join(PHOTO_SUFFIXES)})")
    stems = Counter(path.with_suffix("") for path in paths.values())
    names = {
        path: str(below if stems[below.with_suffix("")] > 1 else below.with_suffix("")) for path, below in paths.items()
    }
    if len(set(names.values())) < len(names):
        twice = next(name for name, count in Counter(names.values()).items() if count > 1)
        raise InputError(f"{photos}: several photos would have masks of the name {twice}; rename one of them")
    return names


def _check_out(out: Path, photos: Path) -> None:
    """Refuse a folder that holds something else, which would be gone."""
    there, given = out.resolve(), photos.resolve()
    if given.is_relative_to(there) or (photos.is_dir() and there.is_relative_to(given)):
        raise InputError(f"--out {out} and --photos {photos}: one lies in the other; name another folder")
    if out.exists() and not (out / LIST).exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"--out {out}: holds something else than segmented photos; name a new folder")


def _tasks(segmenter: Segmenter, paths: list[Path], longest_side: int) -> Iterator[Task | Found]:
    """Yield what the network makes of each photo, or what is wrong with it."""
    problems: list[Found] = []

    def decoded() -> Iterator[tuple[Path, Photo]]:
        for path, photo in read_photos(paths, longest_side, SHOWN, _DECODERS):
            if isinstance(photo, InputError):
                problems.append(Found(path, problem=str(photo)))
            else:
                yield path, photo

    for batch in batches(decoded()):
        scores = segmenter.scores([photo.pixels for _, photo in batch])
        yield from (Task(*photo, *of_photo) for photo, of_photo in zip(batch, scores, strict=True))
    yield from problems


def _write(
    folder: Path, names: Mapping[Path, str], segmenter: Segmenter, probabilities: bool, task: Task | Found
) -> Found:
    if isinstance(task, Found):
        return task
    photo, classes, name = task.photo, task.classes.astype(np.uint8), names[task.path]
    try:
        scores = refine(photo.pixels, task.scores, segmenter.model.inference.crf)
    except MemoryError as error:
        return Found(task.path, problem=f"{task.path}: too large for the dense CRF ({error}); give --longest-side")
    mask = classes[winners(scores, photo.size)]
    shown = classes[winners(scores, photo.shown.shape[:2])]
    write_mask(_below(folder, "masks", f"{name}.png"), mask)
    overlay = Image.fromarray(mask_overlay(photo.shown, shown))
    overlay.save(_below(folder, "overlays", f"{name}.jpg"), quality=90)
    if probabilities:
        made = enlarged(scores, photo.size).astype(np.float16)
        np.savez(_below(folder, "probabilities", f"{name}.npz"), classes=classes, probabilities=made)
    shares = np.bincount(mask.ravel(), minlength=len(segmenter.classes) + 1) / mask.size
    return Found(task.path, photo.size, shares)


def _below(folder: Path, kind: str, name: str) -> Path:
    path = folder / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _write_list(path: Path, found: Mapping[str, Found], photos: Path, classes: tuple[str, ...]) -> None:
    """Write a row for each photo, of {name: what was found in it}."""
    root = photos if photos.is_dir() else photos.parent
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["photo", "name", "height", "width", "background", *classes, "problem"])
        for name, one in found.items():
            size = ("", "") if one.size is None else one.size
            shares = [""] * (len(classes) + 1) if one.shares is None else [f"{share:.4f}" for share in one.shares]
            table.writerow([one.path.relative_to(root), "" if one.problem else name, *size, *shares, one.problem])


if __name__ == "__main__":
    # Snakemake plans by records; a folder of one's own gets none, and no second name beside it
    main(run, record=any(word.startswith("--planned") for word in sys.argv))
