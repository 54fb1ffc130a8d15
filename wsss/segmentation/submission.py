"""The file for the PASCAL VOC evaluation server (comp6: segmentation, any training data), and its check."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image, UnidentifiedImageError

from wsss.errors import InputError, one_line
from wsss.files import voc_palette

FOLDER = "results/VOC2012/Segmentation/comp6_test_cls"


def write_submission(path: Path, predictions: Path, ids: list[str]) -> None:
    """Pack `{predictions}/{id}.png` into a tar.gz as the server wants it; equal predictions give equal bytes."""
    with (
        Path(path).open("wb") as file,
        gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for image_id in ids:
            source = predictions / f"{image_id}.png"
            if not source.is_file():
                raise InputError(
                    f"{source}: no prediction for this image of the test list; run the stage predict again"
                )
            content = source.read_bytes()
            entry = tarfile.TarInfo(f"{FOLDER}/{image_id}.png")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))


def check_submission(path: Path, sizes: Mapping[str, tuple[int, int]], num_classes: int) -> None:
    """Check a submission: every id once and no other file, (H, W) of the photos, palette, classes 0..num_classes.

    Raises:
        InputError: naming the first member that is wrong, and how.
    """
    wanted = {f"{FOLDER}/{image_id}.png": size for image_id, size in sizes.items()}
    palette, seen = voc_palette().tobytes(), set()
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                if member.isdir() and any(name.startswith(member.name + "/") for name in wanted):
                    continue
                content = archive.extractfile(member) if member.isfile() else None
                if member.name not in wanted or content is None:
                    raise InputError(f"{path}: {member.name} does not belong into a submission (folder {FOLDER})")
                if member.name in seen:
                    raise InputError(f"{path}: {member.name} is in it twice")
                seen.add(member.name)
                _check_mask(f"{path}: {member.name}", content, wanted[member.name], num_classes, palette)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InputError(f"{path}: not a whole tar.gz ({one_line(error)}); make it again") from None
    missing = sorted(set(wanted) - seen)
    if missing:
        raise InputError(f"{path}: {len(missing)} images of the test list are missing, first {missing[0]}")


def _check_mask(name: str, file: IO[bytes], size: tuple[int, int], num_classes: int, palette: bytes) -> None:
    try:
        image = Image.open(file)
        image.load()
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise InputError(f"{name}: not an image ({one_line(error)})") from None
    if image.format != "PNG" or image.mode != "P":
        raise InputError(f"{name}: a {image.format} of mode {image.mode}, not a palette PNG")
    if (image.height, image.width) != tuple(size):
        raise InputError(f"{name}: {image.height}x{image.width}, but the photo is {size[0]}x{size[1]} (height x width)")
    if bytes(image.getpalette("RGB") or ())[: 3 * (num_classes + 1)] != palette[: 3 * (num_classes + 1)]:
        raise InputError(f"{name}: not VOC's colour palette")
    if np.asarray(image).max() > num_classes:
        raise InputError(f"{name}: class {np.asarray(image).max()}, but classes go from 0 to {num_classes}")
