"""The one exception that a user is meant to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

_LINE = 160
_LISTED = 40  # choices that still make a message; timm has 1,400 networks


class InputError(Exception):
    """Something the user gave is wrong. The message names the file or key and what to do about it.

    Stages print it as one line and exit with status 1; anything else is a bug and keeps its traceback.
    """


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """Return `"; did you mean X?"` for the nearest of `choices`, or their list when none is near and it is short."""
    choices = sorted(map(str, choices))
    near = difflib.get_close_matches(str(name), choices, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; choose from {', '.join(choices)}" if 0 < len(choices) <= _LISTED else ""


def one_line(error: object) -> str:
    """Return what a foreign error says in one line, not too long; its name where it says nothing."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"


def first_few(names: Sequence[object], shown: int = 5) -> str:
    """Return the first few of `names` and how many more there are: `"a, b and 12 more"`."""
    text = ", ".join(map(str, names[:shown]))
    return f"{text} and {len(names) - shown} more" if len(names) > shown else text
