"""What a user did wrong, told by a loading worker as plainly as by the process itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from wsss.errors import InputError

Batch = TypeVar("Batch")
_LAST_LINE = f"{InputError.__module__}.{InputError.__qualname__}: "  # of the traceback that torch hands over as a text


def with_plain_errors(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield a DataLoader's batches; an `InputError` keeps its one line, without its worker's traceback around it."""
    try:
        yield from batches
    except InputError as error:
        raise InputError(str(error).rpartition(_LAST_LINE)[2].strip()) from None
