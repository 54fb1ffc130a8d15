"""Files that exist whole or not at all, and images and masks that decode or say why not."""

from __future__ import annotations

import codecs
import json
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from wsss.errors import InputError, one_line
from wsss.orientation import upright

VOID = 255  # pixels that no loss and no metric looks at
MOST_PIXELS = 150_000_000  # of an image: what a few bytes of a file may ask for, 450 MB in RGB
Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns of one size, and refuses twice as many without a file's name


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside `path`; rename it to `path` when the block ends without an error."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_directory(path: Path) -> Iterator[Path]:
    """Yield an empty temporary directory beside `path`; it takes the place of `path` when the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part, old = path.with_name(f".{path.name}.part"), path.with_name(f".{path.name}.old")
    _remove(part)
    part.mkdir()
    try:
        yield part
        _remove(old)
        if path.exists() or path.is_symlink():
            path.replace(old)  # out of the way in one step: what is deleted file by file must not bear the name
        part.replace(path)
        _remove(old)
    finally:
        _remove(part)


def _remove(path: Path) -> None:
    """Remove a file, a link or a folder with all that is in it, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    with whole_file(path) as part:
        part.write_text(json.dumps(value, indent=2) + "\n")


def read_json(path: Path) -> dict:
    """Read a JSON file; a missing or broken one is an `InputError` that names it."""
    try:
        return json.loads(read_text(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(f"{path}: not JSON ({one_line(error)}); correct it, or make it again") from None


def one_writing(text: str) -> str:
    """Return a text in the one of Unicode's writings that is used here: NFC, ü as one character.

    macOS names files with u and two dots, and what lists them may say ü, or the other way round.
    """
    return unicodedata.normalize("NFC", text)


def read_text(path: Path) -> str:
    """Read a text file in UTF-8, or in UTF-16 as PowerShell and spreadsheets write it, without the mark before it.

    It comes in `one_writing`.
    """
    try:
        content = Path(path).read_bytes()
        encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
        return one_writing(content.decode(encoding)).replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}: line {line} is not in UTF-8; save the file as UTF-8") from None


def read_lines(path: Path) -> list[str]:
    """Read the non-empty lines of a text file, stripped."""
    return [line.strip() for line in read_text(path).split("\n") if line.strip()]


def open_image(path: Path) -> Image.Image:
    """Open an image of any mode, decoded; one that is missing or does not decode is an `InputError` that names it."""
    try:
        image = Image.open(path)
        width, height = image.size
        if width * height > MOST_PIXELS:
            raise InputError(
                f"{path}: {width}×{height} pixels are more than the {MOST_PIXELS / 1e6:.0f} million that an image may "
                "have here; make it smaller"
            )
        image.load()
        return image
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise InputError(f"{path}: does not decode as an image ({one_line(error)}); replace or drop it") from None


def open_photo(path: Path) -> Image.Image:
    """Open a photo as an RGB image, decoded and upright."""
    return as_rgb(upright(open_image(path)), str(path))


def as_rgb(image: Image.Image, name: str = "image") -> Image.Image:
    """Return a decoded image of any mode in RGB; an `InputError` naming it where its numbers have no known white."""
    if image.mode in ("I", "F"):
        raise InputError(f"{name}: numbers of 32 bits, of which nothing says what is white; save it with 8 or 16 bits")
    if image.mode.startswith("I;16"):  # Pillow's own conversion would make all but the darkest greys white
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("RGB")


def read_image(path: Path) -> np.ndarray:
    """Read a photo, upright, as (H, W, 3) uint8 RGB."""
    return np.array(open_photo(path))  # a copy: torch wants it writable


def read_mask(path: Path) -> np.ndarray:
    """Read a class mask (palette or greyscale PNG) as (H, W) uint8; 0 is background, 255 void."""
    image = open_image(path)
    if image.mode not in ("P", "L"):
        raise InputError(f"{path}: a mask is a palette or greyscale PNG of class numbers, this one is {image.mode}")
    return np.asarray(image)


def voc_palette() -> np.ndarray:
    """Return the PASCAL VOC colour map, (256, 3) uint8: the bits of the class number, dealt to R, G and B."""
    palette = np.zeros((256, 3), np.uint8)
    number = np.arange(256)
    for bit in range(8):
        for channel in range(3):
            palette[:, channel] |= (((number >> (3 * bit + channel)) & 1) << (7 - bit)).astype(np.uint8)
    return palette


def write_mask(path: Path, mask: np.ndarray) -> None:
    """Write an (H, W) array of class numbers as a palette PNG in VOC's colours."""
    image = Image.fromarray(np.ascontiguousarray(mask, dtype=np.uint8))
    image.putpalette(voc_palette().tobytes())
    image.save(path, format="PNG")
