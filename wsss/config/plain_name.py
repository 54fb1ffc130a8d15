"""Names that users choose and that become part of a path: of data sets, files, folders, recipes."""

from __future__ import annotations

import re
from collections.abc import Collection

from wsss.errors import InputError


def check_name(name: object, where: str, what: str, taken: Collection[str] = ()) -> None:
    """Raise an `InputError` for a name that a path or a shell could take for something else.

    Args:
        name: the key in params.yaml.
        where: what the message begins with.
        what: that the name is of, e.g. "a data set".
        taken: names that stand for something already.
    """
    if not isinstance(name, str):  # YAML reads 2012, 1.5, no and null as something else
        raise InputError(f"{where}: {name!r} is not a text; write the name of {what} in quotes")
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise InputError(f"{where}: {name!r} cannot be the name of {what}; use letters, digits, _ . and - alone")
    if name in taken:
        raise InputError(f"{where}: {name!r} stands for something else already; give {what} another name")


def is_plain_text(value: object) -> bool:
    """Return whether a value is one line of text without blanks at its ends, which a list of lines gives back."""
    return isinstance(value, str) and bool(value) and value == value.strip() and value.isprintable()


def check_label(label: str) -> None:
    """Raise a `ValueError` for a label that command lines, which say LABEL=PATH and LABEL/STEP, would cut in two."""
    if not is_plain_text(label) or set(label) & set("=/"):
        raise ValueError(f"{label!r} cannot be a label; give plain text without = and /")
