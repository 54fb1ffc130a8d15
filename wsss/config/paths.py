"""Paths in params.yaml, which may hold `~` and `$VARIABLE`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from wsss.errors import InputError


def expand_path(value: str, key: str) -> Path:
    """Expand `$VARIABLE` and `~` in a path from params.yaml; an unset variable is an InputError naming `key`.

    `${VARIABLE}` is understood, too, but DVC's `exp run -S` takes it for the name of a parameter. A path that is there
    as it stands, with a dollar in a name, is that path.
    """
    if "$" in value and Path(value).expanduser().exists():
        return Path(value).expanduser()

    def replace(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in os.environ:
            raise InputError(f"{key} is {value!r}: set the environment variable {name} to that place")
        return os.environ[name]

    return Path(re.sub(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))", replace, value)).expanduser()
