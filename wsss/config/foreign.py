"""Names for folders of other methods' seeds and masks, which `extract.from` and `mask.from` say, also in a path.

`foreign` in params.yaml has them: {name: path}, or {name: {folder: path, numbering: class_from_one}}. What counts is
the folder's content, wherever it lies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field

from wsss.config.block import Block, fields_of
from wsss.config.plain_name import check_name
from wsss.errors import InputError, did_you_mean

FOREIGN = "foreign"
FROM_ZERO, FROM_ONE, BACKGROUND_IS_ONE = NUMBERINGS = ("class_from_zero", "class_from_one", "background_is_one")
_FROM = ("extract", "mask")  # the blocks with a key `from`


class ForeignEntry(Block):
    """An entry of `foreign`."""

    folder: str = Field(exclude=True)  # in no record, as its content is an input
    numbering: Literal["class_from_zero", "class_from_one", "background_is_one"] | None = None


def check_foreign(table: object, where: str) -> None:
    """Raise an `InputError` for names that no path can carry, and for what is no folder or has other keys."""
    if not isinstance(table, dict):
        raise InputError(f"{where}: expected names and folders below it, not {table!r}")
    for name, entry in table.items():
        check_name(name, where, "a folder", ["null"])
        _check_entry(entry, f"{where}.{name}")


def _check_entry(entry: object, where: str) -> None:
    if not isinstance(entry, dict):
        entry = {"folder": entry}
    for key in entry:
        if key not in fields_of(ForeignEntry):
            raise InputError(f"{where}: unknown key {key!r}{did_you_mean(str(key), fields_of(ForeignEntry))}")
    if not isinstance(entry.get("folder"), str):
        raise InputError(f"{where}: expected a folder, not {entry.get('folder')!r}")
    numbering = entry.get("numbering")
    if numbering is not None and numbering not in NUMBERINGS:
        raise InputError(f"{where}.numbering: {numbering!r} is not a choice{did_you_mean(str(numbering), NUMBERINGS)}")


def named_folders(blocks: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Return those entries of `foreign` that merged blocks name; None for none, so that the others leave no trace.

    Raises:
        InputError: a name that is not in the table.
    """
    named = {}
    for block in _FROM:
        settings = blocks.get(block)
        name = settings.get("from") if isinstance(settings, Mapping) else None
        if name is None:
            continue
        if not isinstance(name, str) or name not in table:
            meant = did_you_mean(str(name), table) or f"; add it: foreign: {{ {name}: /path/to/folder }}"
            raise InputError(f"{block}.from: {name!r} is not under foreign: in params.yaml{meant}")
        entry = table[name]
        named[name] = entry if isinstance(entry, dict) else {"folder": entry}
    return named or None
