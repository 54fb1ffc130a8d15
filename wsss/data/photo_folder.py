"""A folder of photos, and which of them a table or list means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath

from wsss.errors import InputError, first_few
from wsss.files import one_writing

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


def photos_below(folder: Path, without: Collection[Path] = ()) -> list[Path]:
    """Return the photos at any depth below a folder, sorted; none of those below the folders `without`, none hidden."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder that holds the photos")
    found = [path for path in folder.rglob("*") if path.suffix.lower() in PHOTO_SUFFIXES and path.is_file()]
    hidden = [path for path in found if any(part.startswith(".") for part in path.relative_to(folder).parts)]
    skipped = {path for path in found if any(path.is_relative_to(other) for other in without)} | set(hidden)
    return sorted(set(found) - skipped)


class PhotoFolder:
    """The photos below a folder, found by any name that tells one from the others.

    photos: {id: path}; an id is the path below the folder without suffix, `/` as `_`.
    """

    def __init__(self, root: Path, without: Collection[Path] = ()):
        self.root = Path(root)
        self.photos: dict[str, Path] = {}
        self._by_path: dict[str, str] = {}
        self._by_name: dict[str | int, set[str]] = defaultdict(set)
        for path in photos_below(self.root, without):
            relative = PurePosixPath(one_writing(path.relative_to(self.root).as_posix()))
            name = str(relative.with_suffix("")).replace("/", "_")
            if name in self.photos:
                raise InputError(
                    f"{path}: would have the same id as {self.photos[name]}, {name!r}; rename one of them, or give "
                    "masks a folder of their own"
                )
            self.photos[name] = path
            self._by_path |= {str(relative): name, str(relative.with_suffix("")): name}
            names: set[str | int] = {relative.name, relative.stem, name}
            for one in names | _as_number(relative.stem):
                self._by_name[one].add(name)
        if not self.photos:
            raise InputError(f"{self.root}: holds no photo ({', '.join(PHOTO_SUFFIXES)})")

    def id_of(self, given: str | int) -> str | None:
        """Return the id of the photo that a path, file name, id or number means; None where there is none.

        With or without its suffix. Of a path, folders at the front say where its author had this folder: what is left
        without some of them must be the whole path below it.

        Raises:
            InputError: a name that may mean several.
        """
        parts = [part for part in one_writing(str(given)).replace("\\", "/").split("/") if part not in ("", ".")]
        for start in range(len(parts)):
            for path in _with_and_without_suffix("/".join(parts[start:])):
                if path in self._by_path:
                    return self._by_path[path]
        if len(parts) != 1:
            return None
        names: Sequence[str | int] = [given] if isinstance(given, int) else _with_and_without_suffix(parts[0])
        found = next((self._by_name[name] for name in names if name in self._by_name), set())
        if len(found) > 1:
            several = [str(self.photos[one]) for one in sorted(found)]
            raise InputError(f"{given}: may be {first_few(several)}; give the path below {self.root}")
        return next(iter(found), None)


def _with_and_without_suffix(name: str) -> list[str]:
    return [name, re.sub(r"\.[A-Za-z]{3,4}$", "", name)]


def _as_number(stem: str) -> set[int]:
    """Return a name as the number that IRN makes of it: 2007_000032 is 2007000032; COCO's is its last part."""
    digits = stem.replace("_", "")
    if not digits.isdecimal():
        digits = stem.rpartition("_")[2]
    return {int(digits)} if digits.isdecimal() else set()
