"""A folder in PASCAL VOC's layout that lists some of another's photos and links to all of them.

    python -m benchmarks.voc_subset --photos FOLDER --out NEW_FOLDER [--train 500] [--val 100]

Which photos: those whose ids have the smallest SHA-256, so that neither their order nor taste chooses. With the
entry `voc6` of params.yaml, WSSS_VOC6=NEW_FOLDER then runs the whole way on them. Not one of `make bench`.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from wsss.files import read_lines

_LISTS = Path("ImageSets/Segmentation")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="a new folder")
    parser.add_argument("--train", type=int, help="how many photos of train; default: all")
    parser.add_argument("--val", type=int, help="how many photos of val; default: all")
    given = parser.parse_args()
    chosen = {split: some(listed(given.photos, split), getattr(given, split)) for split in ("train", "val")}
    link_photos(given.photos, given.out, chosen)
    print(f"{given.out}: {', '.join(f'{len(ids)} photos of {split}' for split, ids in chosen.items())}")


def some(ids: Iterable[str], count: int | None) -> list[str]:
    """Return the `count` ids with the smallest SHA-256, or all for None, in their order by name."""
    return sorted(sorted(ids, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:count])


def listed(photos: Path, split: str) -> list[str]:
    """Return the ids that a folder in VOC's layout lists for a split."""
    return read_lines(photos / _LISTS / f"{split}.txt")


def link_photos(photos: Path, root: Path, splits: Mapping[str, Iterable[str]]) -> None:
    """Link to the photos, masks and annotations of a folder in a new one, and list the ids of each split there."""
    (root / _LISTS).mkdir(parents=True)
    for part in ("JPEGImages", "SegmentationClass", "Annotations"):
        (root / part).symlink_to((photos / part).resolve())
    for split, ids in splits.items():
        (root / _LISTS / f"{split}.txt").write_text("".join(f"{name}\n" for name in ids))


if __name__ == "__main__":
    main()
