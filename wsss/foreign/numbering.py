"""Which class a number in a foreign file means: told by the image-level labels, or by the user, but never guessed."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from wsss.config.foreign import BACKGROUND_IS_ONE, FROM_ONE, FROM_ZERO
from wsss.files import VOID


def of_keys(keys: Collection[int], labels: Collection[int]) -> str | None:
    """Return how a dictionary of maps counts the classes 1…C that its image is labelled with; None where neither fits.

    Keys from one may have 0 beside them: the background. So at most one of the two fits, unless there are no keys.
    """
    if {key + 1 for key in keys} == set(labels):
        return FROM_ZERO
    return FROM_ONE if set(keys) - {0} == set(labels) and keys else None


def table_of(numbering: str) -> np.ndarray:
    """Return what each value 0…255 of a mask file means, (256,) uint8: 0 background, 1…C classes, 255 void."""
    values = np.arange(256)
    if numbering == FROM_ZERO:  # 255 is background and void: it cannot say which
        return np.where(values == VOID, 0, values + 1).astype(np.uint8)
    if numbering == BACKGROUND_IS_ONE:
        return np.where(values == 0, VOID, values - 1).astype(np.uint8)
    return values.astype(np.uint8)


def of_masks(values: Iterable[tuple[Collection[int], Collection[int]]]) -> list[str]:
    """Return every numbering that is possible for masks: no mask holds a class that its image is not labelled with.

    Args:
        values: of each image, the values in its file and the classes 1…C that it is labelled with.
    """
    possible = [FROM_ONE, FROM_ZERO, BACKGROUND_IS_ONE]
    for found, labels in values:
        possible = [one for one in possible if not unlabelled(found, labels, one)]
    return possible


def unlabelled(found: Collection[int], labels: Collection[int], numbering: str) -> list[int]:
    """Return the classes that a mask with these values holds beside those that its image is labelled with."""
    meant = {int(value) for value in table_of(numbering)[sorted(found)]} if found else set()
    return sorted(meant - {0, VOID} - set(labels))
