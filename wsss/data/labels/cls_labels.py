"""Labels as other WSSS projects have them: `cls_labels.npy`, a pickled {id: (C,) of 0 and 1}.

PSA, SEAM and MCTformer have ids as text, IRN and those built on it as numbers, 2007_000032 as 2007000032.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wsss.data.labels.photo_labels import PhotoLabels, photo_labels
from wsss.errors import InputError
from wsss.foreign.dictionary import read_dictionary


def read_cls_labels(path: Path, classes: Sequence[str] | None = None) -> PhotoLabels:
    """Read a file `cls_labels.npy`. It names no classes: they have to be given, in the order of its columns."""
    table = read_dictionary(path)
    advice = f"{path}: not a cls_labels.npy, {{id: one 0 or 1 for each class}}"
    if not table:
        raise InputError(f"{advice}: it holds nothing")
    rows = {}
    for key, row in table.items():
        name = int(key) if isinstance(key, int | np.integer) else key
        if not isinstance(name, str | int) or not isinstance(row, np.ndarray) or row.ndim != 1:
            raise InputError(f"{advice}: {key!r} has {type(row).__name__}")
        if not np.isin(row, (0, 1)).all():
            raise InputError(f"{advice}: {key!r} has other numbers")
        rows[name] = row
    sizes = {len(row) for row in rows.values()}
    if classes is None or sizes != {len(classes)}:
        given = "none are given" if classes is None else f"{len(classes)} are given"
        raise InputError(
            f"{path}: has {' or '.join(map(str, sorted(sizes)))} columns without names, and {given}; "
            "list the classes in the order of the columns, as `classes`"
        )
    named = ((name, [classes[k] for k in np.flatnonzero(row).tolist()]) for name, row in rows.items())
    return photo_labels(path, named, classes)
