"""Names for files and folders, so that a path can carry one: `weights=dino`, `segmented/holiday`.

`files` in params.yaml has them: {name: path}. A block has the path as soon as it is resolved; what counts is the file's
content, wherever it lies. A folder of photos is named for `stages/segment.py` (`wsss.plan.stage_options.named_photos`).
"""

from __future__ import annotations

from typing import Any

from wsss.config.plain_name import check_name
from wsss.config.start import MAIN, SEED_NETWORK
from wsss.errors import InputError

FILES = "files"
TAKEN = ("imagenet", MAIN, SEED_NETWORK, "null")  # what `weights` can say beside
_KEYS = (("seed", "weights"), ("affinity", "weights"), ("segmentation", "weights"))


def check_files(files: object, where: str) -> None:
    """Raise an `InputError` for names that cannot be told from something else, and for what is no path."""
    if not isinstance(files, dict):
        raise InputError(f"{where}: expected names and paths below it, not {files!r}")
    for name, path in files.items():
        check_name(name, where, "a file", TAKEN)
        if not isinstance(path, str):
            raise InputError(f"{where}.{name}: expected a path, not {path!r}")


def name_files(blocks: dict[str, Any], files: dict[str, str]) -> None:
    """Replace names of files in merged blocks by their paths."""
    for block, key in _KEYS:
        settings = blocks.get(block)
        if isinstance(settings, dict) and isinstance(settings.get(key), str):
            settings[key] = files.get(settings[key], settings[key])
