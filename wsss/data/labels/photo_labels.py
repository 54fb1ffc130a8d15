"""What every form of labels is read into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wsss.config.class_names import check_classes
from wsss.errors import InputError, did_you_mean
from wsss.files import one_writing


@dataclass(frozen=True)
class PhotoLabels:
    """Which classes photos are labelled with, by what the source calls the photos: a path, a name, an id, or a number.

    classes: all there are, in the order of their numbers.
    of: {what the source calls a photo: its classes}; none for a photo of background alone.
    """

    source: Path
    classes: tuple[str, ...]
    of: Mapping[str | int, frozenset[str]]


def photo_labels(
    source: Path,
    rows: Iterable[tuple[str | int, Iterable[str]]],
    known: Iterable[str] | None,
    listed: Iterable[str] | None = None,
) -> PhotoLabels:
    """Return the labels of rows (photo, its classes); a photo in several rows has the classes of all.

    Args:
        source: where they are from.
        rows: as read.
        known: the classes and their order that the user gives; None: those `listed`.
        listed: the classes and their order that the source gives; None: those that occur, by name.

    Raises:
        InputError: no photo, a class that is not known, names that cannot number classes.
    """
    of: dict[str | int, frozenset[str]] = {}
    for given, names in rows:
        photo = one_writing(given) if isinstance(given, str) else given
        of[photo] = of.get(photo, frozenset()) | frozenset(map(one_writing, names))
    if not of:
        raise InputError(f"{source}: names no photo; give a photo and its classes in each line")
    found = sorted(frozenset[str]().union(*of.values()))
    try:
        classes = check_classes(known if known is not None else listed if listed is not None else found)
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    if strangers := [name for name in found if name not in classes]:
        photo = next(photo for photo, names in of.items() if strangers[0] in names)
        raise InputError(
            f"{source}: {photo} has the label {strangers[0]!r}, which is not one of the classes"
            f"{did_you_mean(strangers[0], classes)}"
        )
    return PhotoLabels(Path(source), classes, of)
