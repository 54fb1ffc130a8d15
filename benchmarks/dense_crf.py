"""The dense CRF against pydensecrf2: PSA's pair, 21 classes, and COCO's 81 with those that cannot win left out.

With WSSS_COCO=../shared/photos/coco the 81 classes are those of COCO's photos, without it of drawn scenes.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from benchmarks import reference_crf
from benchmarks.blurred_masks import BLUR, blurred_probabilities
from benchmarks.comparison import Comparison, elapsed, seconds
from benchmarks.crf_agreement import coco_photos
from benchmarks.photos import photos
from benchmarks.reference_crf import PSA, VAL, by_pydensecrf
from wsss.crf import dense_crf, possible_winners, prepare

WIDTH, HEIGHT = 500, 375
PHOTOS, ROUNDS = 12, 4  # each photo is worked on so many times
CLASSES, NOISE = 81, 0.01
WEIGHT = VAL["gaussian_compat"] + VAL["bilateral_compat"]


def run(folder: Path) -> Iterator[Comparison]:
    """One thread on either side; two processes for the classes of COCO."""
    if reference_crf.densecrf is None:
        print("dense_crf: not measured, as pydensecrf2 is not installed (pip install .[reference])", file=sys.stderr)
        return
    prepare()
    yield from _one_thread(folder)
    yield from _coco(folder)


def _one_thread(folder: Path) -> Iterator[Comparison]:
    dataset = photos(folder)
    image_id = dataset.split("train")[0]
    image, mask = (
        Image.fromarray(one).resize((WIDTH, HEIGHT), 0) for one in (dataset.image(image_id), dataset.mask(image_id))
    )
    image, mask = np.asarray(image), np.asarray(mask)
    size, random = f"{WIDTH}×{HEIGHT}", np.random.default_rng(0)
    pair = np.stack([blurred_probabilities(mask % 3, 3, 0.1, random) for _ in range(2)])
    many = blurred_probabilities(mask % 21, 21, 0.1, random)
    times = seconds(
        lambda: dense_crf(image, pair, **PSA), lambda: [by_pydensecrf(image, one, PSA) for one in pair], repeat=5
    )
    yield Comparison("PSA's two dense CRFs", f"3 classes, {size}", "pydensecrf2 twice", *times, "s", 2)
    for name, settings in (("PSA's", PSA), ("the paper's on val", VAL)):
        times = seconds(
            lambda s=settings: dense_crf(image, many, **s), lambda s=settings: by_pydensecrf(image, many, s), repeat=5
        )
        yield Comparison("dense CRF", f"21 classes, {size}, {name} kernels", "pydensecrf2", *times, "s", 1.5)


def _coco(folder: Path) -> Iterator[Comparison]:
    shared = os.environ.get("WSSS_COCO")
    drawn = photos(folder)
    scenes = ((drawn.image(image_id), drawn.mask(image_id)) for image_id in drawn.split("train"))
    scenes = coco_photos(Path(shared), PHOTOS) if shared else islice(scenes, PHOTOS)
    for index, (image, mask) in enumerate(scenes):
        probabilities = blurred_probabilities(mask, CLASSES, NOISE, np.random.default_rng(index))
        np.save(folder / f"image{index}.npy", image)
        np.save(folder / f"probabilities{index}.npy", probabilities)
    work = partial(_labels, folder)
    numbers = list(range(PHOTOS))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(work, numbers * 2))  # both processes are there, and have read the files
        ours = elapsed(lambda: list(pool.map(work, numbers * ROUNDS))) / ROUNDS
        results = list(pool.map(work, numbers))
    theirs = [_plain(folder, index, by_pydensecrf) for index in numbers]
    other = sum(time for time, _ in theirs)
    whole = sum(_plain(folder, index, dense_crf_of)[0] for index in numbers)
    kept = [count for count, _ in results]
    wrong = np.mean([(labels != wanted).mean() for (_, labels), (_, wanted) in zip(results, theirs, strict=True)])
    about = f"blurred by {BLUR} pixels, {NOISE:.0%} noise; {np.mean(kept):.1f} classes kept, {min(kept)} to {max(kept)}"
    about += f"; {100 * wrong:.4f} % other labels"
    size = f"{PHOTOS} {'photos of COCO' if shared else 'scenes'}, {CLASSES} classes"
    against = "pydensecrf2 one after the other"
    yield Comparison("possible winners' dense CRF, 2 workers", f"{size}, {about}", against, ours, other, "s", 20)
    yield Comparison("dense CRF of all classes, 1 thread", size, against, whole, other, "s", None)


def dense_crf_of(image: np.ndarray, probabilities: np.ndarray, settings: dict) -> np.ndarray:
    """Return what `dense_crf` does, of its settings as one."""
    return dense_crf(image, probabilities, **settings)


def _scene(folder: Path, index: int) -> tuple[np.ndarray, np.ndarray]:
    return np.load(folder / f"image{index}.npy"), np.load(folder / f"probabilities{index}.npy", mmap_mode="c")


def _labels(folder: Path, index: int) -> tuple[int, np.ndarray]:
    torch.set_num_threads(1)
    image, probabilities = _scene(folder, index)
    classes = possible_winners(torch.from_numpy(probabilities), WEIGHT, VAL["iterations"]).numpy()
    if len(classes) == 1:
        return 1, np.full(image.shape[:2], classes[0], np.uint8)
    labels = dense_crf(image, probabilities[classes], **VAL).argmax(0)
    return len(classes), classes.astype(np.uint8)[labels]


def _plain(folder: Path, index: int, crf) -> tuple[float, np.ndarray]:
    image, probabilities = _scene(folder, index)
    found = []
    time = elapsed(lambda: found.append(crf(image, probabilities, VAL).argmax(0)))
    return time, found[0]
