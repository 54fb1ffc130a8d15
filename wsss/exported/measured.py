"""What a card says of a network beside what is in its file: its metrics, and the sizes of its data set's photos."""

from __future__ import annotations

from collections.abc import Collection

from wsss.data.prepared import PreparedDataset
from wsss.errors import InputError, did_you_mean
from wsss.files import read_json
from wsss.stage import labelled_paths


def longest_side(dataset: PreparedDataset) -> int:
    """Return the longest side of all photos of a data set's splits, in pixels."""
    return max(max(dataset.image_size(image_id)) for image_id in dataset.union(*dataset.split_names))


def read_metrics(given: list[str] | None, known: Collection[str]) -> dict[str, dict]:
    """Read WHAT=FILE, WHAT being one of `known`; in the order of these."""
    files = labelled_paths(given or [])
    for what in files:
        if what not in known:
            raise InputError(f"--metrics: {what!r} is not shown on the card{did_you_mean(what, known)}")
    return {what: read_json(files[what]) for what in known if what in files}


def why_not_measured(dataset: PreparedDataset, metrics: Collection[str], what: str, of: str) -> str | None:
    """Return the sentence that a card has in the place of metrics of `what`; None where there are some."""
    if what in metrics:
        return None
    if not any(dataset.masked(name) for name in dataset.split_names):
        return f"Its {of} have not been measured: {dataset.name} has no true masks."
    return f"Its {of} had not been measured when this folder was made."
