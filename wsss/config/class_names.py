"""The names of the classes of a data set, in the order of their numbers in the masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from wsss.config.plain_name import is_plain_text
from wsss.errors import InputError
from wsss.files import VOID, one_writing


def check_classes(classes: Iterable[str]) -> tuple[str, ...]:
    """Return foreground class names as a tuple, or an `InputError` where they cannot number the pixels of a mask."""
    classes = tuple(one_writing(name) if isinstance(name, str) else name for name in classes)
    if not 1 <= len(classes) < VOID:
        raise InputError(f"classes: {len(classes)} names given; a mask has room for 1 to {VOID - 1} foreground classes")
    if wrong := [name for name in classes if not is_plain_text(name)]:
        raise InputError(
            f"classes: {wrong[0]!r} is not a class name; give text in one line, without blanks at its ends"
        )
    if twice := [name for name, count in Counter(classes).items() if count > 1]:
        raise InputError(f"classes: {twice[0]!r} is listed twice; every class number needs its own name")
    if "background" in classes:
        raise InputError(
            "classes: leave 'background' out, it is always number 0; list the foreground classes from 1 on"
        )
    return classes
