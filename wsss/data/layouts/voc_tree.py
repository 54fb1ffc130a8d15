"""Folders as PASCAL VOC has them: which lists, photos, masks and annotations are where.

    JPEGImages/ID.jpg   SegmentationClass/ID.png, SegmentationClassAug/ID.png   Annotations/ID.xml
    ImageSets/Segmentation/NAME.txt

A list may also lie in `ImageSets` itself or in `ImageSets/SegmentationAug`. Where both have a mask, that of
SegmentationClass counts: those made of SBD are coarser and most have no void.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from wsss.data.layouts.split_list import read_id_list
from wsss.data.layouts.writing import files_by_id
from wsss.data.photo_folder import PHOTO_SUFFIXES
from wsss.errors import InputError, did_you_mean, first_few

LIST_FOLDERS = ("ImageSets/Segmentation", "ImageSets/SegmentationAug", "ImageSets")
MASK_FOLDERS = ("SegmentationClass", "SegmentationClassAug")


class VocTree:
    """What lies in one or several such folders, which make one data set together; of two files, the first's counts."""

    def __init__(self, folders: Sequence[Path]):
        self.folders = list(folders)
        self.splits: dict[str, list[str]] = {}
        for folder in self._all(LIST_FOLDERS):
            for path in sorted(folder.glob("*.txt"), key=_known_first):
                if path.stem not in self.splits:
                    self.splits[path.stem] = read_id_list(path)
        self.photos = self._files(("JPEGImages",), PHOTO_SUFFIXES)
        self.masks = self._files(MASK_FOLDERS, (".png",))
        self.annotations = self._files(("Annotations",), (".xml",))

    def need_splits(self, names: Collection[str]) -> None:
        """Raise an `InputError` for the first split that no list is of."""
        for name in names:
            if name not in self.splits:
                known = f"{did_you_mean(name, self.splits)}" if self.splits else ""
                raise InputError(
                    f"{self.folders[0] / LIST_FOLDERS[0] / name}.txt: no such file; list the ids of the {name} images "
                    f"in it, one per line{known}"
                )

    def need_files(self, split: str, found: Mapping[str, Path], what: str, why: str = "") -> None:
        """Raise an `InputError` that names the images of a split which are not among `found`.

        what: the folder and the suffix that are looked for, e.g. "photo (JPEGImages/*.jpg)".
        """
        if missing := [name for name in self.splits[split] if name not in found]:
            raise InputError(
                f"{', '.join(map(str, self.folders))}: no {what} for {first_few(missing)} of split {split!r}{why}; "
                f"add the files or drop the ids from {split}.txt in ImageSets"
            )

    def _all(self, names: Sequence[str]) -> list[Path]:
        return [folder / name for name in names for folder in self.folders if (folder / name).is_dir()]

    def _files(self, names: Sequence[str], suffixes: Sequence[str]) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for folder in self._all(names):
            found = files_by_id(folder, suffixes) | found
        return found


def _known_first(path: Path) -> tuple[int, str]:
    known = ("train", "val", "test")
    return (known.index(path.stem) if path.stem in known else len(known)), path.stem
