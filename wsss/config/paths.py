"""Paths in params.yaml, which may hold `~` and `${VARIABLE}`."""

from __future__ import annotations

import os
import re
from pathlib import Path

from wsss.errors import InputError


def expand_path(value: str, key: str) -> Path:
    """Expand `${VARIABLE}` and `~` in a path from params.yaml; an unset variable is an InputError naming `key`."""

    def replace(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise InputError(f"{key} is {value!r}: set the environment variable {match[1]} to that place")
        return os.environ[match[1]]

    return Path(re.sub(r"\$\{(\w+)\}", replace, value)).expanduser()
