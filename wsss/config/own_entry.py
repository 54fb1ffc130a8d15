"""Write the entry of a data set of one's own into params.yaml, whose comments and lines stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from wsss.config.blocks import OF_DATASETS
from wsss.config.keys import BESIDE_DATASETS, check_params
from wsss.config.plain_name import check_name
from wsss.config.resolve import resolve
from wsss.config.yaml_text import load_yaml
from wsss.errors import InputError
from wsss.files import read_text, whole_file


def check_free(params: Path, name: str) -> None:
    """Raise `InputError` for a name that is taken or cannot be one."""
    datasets = check_params(load_yaml(read_text(params)), params).get("datasets") or {}
    if name in datasets:
        raise InputError(f"{params}: there is a data set {name!r} already; give another --name, or delete that entry")
    check_name(name, "--name", "a data set", BESIDE_DATASETS)


def add_entry(params: Path, name: str, data: Mapping[str, Any], like: str | None = None) -> str:
    """Add `datasets.NAME` to a params.yaml, as the last of its data sets; return the lines.

    Args:
        data: the block `data`.
        like: another data set, whose networks and trainings the new one takes; None: the paper's. The recipe is `auto`
            where that says no other.

    Raises:
        InputError: a name that is taken or cannot be one, no `like`, an entry that params.yaml could not have.
    """
    check_free(params, name)
    text = read_text(params)
    datasets = check_params(load_yaml(text), params).get("datasets") or {}
    if like is not None and like not in datasets:
        raise InputError(f"--like {like}: not under datasets: in {params}; choose from {', '.join(datasets)}")
    others = {key: value for key, value in datasets.get(like, {}).items() if key not in OF_DATASETS}
    lines = _lines(name, {"recipe": "auto", "data": data, **others})
    inserted = _inserted(text, lines)
    resolve(check_params(load_yaml(inserted), params), name, "main")
    with whole_file(params) as part:
        part.write_text(inserted, encoding="utf-8")
    return lines


def _lines(key: str, value: Any, indent: str = "  ") -> str:
    """Return a key and its value as lines of YAML: mappings that hold others over several, everything else in one."""
    if key == "data" or isinstance(value, Mapping) and any(isinstance(one, Mapping) for one in value.values()):
        return f"{indent}{key}:\n" + "".join(_lines(inner, one, f"{indent}  ") for inner, one in value.items())
    flow = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True)
    return f"{indent}{key}: {flow.strip()[1:-1]}\n"


def _inserted(text: str, lines: str) -> str:
    """Return params.yaml's text with lines at the end of `datasets`."""
    start = re.search(r"^datasets:[ \t]*(#.*)?$", text, re.MULTILINE)
    if start is None:
        raise InputError("params.yaml: has no line `datasets:`; add one at its end")
    after = re.search(r"^[^\s#]", text[start.end() :], re.MULTILINE)
    end = start.end() + after.start() if after else len(text)
    before = text[:end].rstrip("\n")
    return f"{before}\n\n{lines}" + (f"\n{text[end:]}" if after else "")
