"""YAML as params.yaml and variants mean it."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from wsss.errors import InputError
from wsss.files import read_text


class _Loader(yaml.SafeLoader):
    """YAML 1.1 reads `5e-4` as text; this loader reads it as the number it is. A key given twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value]
        for key, _ in node.value:
            if keys.count(key.value) > 1:
                raise yaml.YAMLError(f"key {key.value!r} is given twice, the first time in line {_line(key)}")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def _line(node: yaml.Node) -> int:
    return node.start_mark.line + 1


def load_yaml(text: str) -> object:
    """Return the value of a YAML text; `yaml.YAMLError` for what is none or repeats a key."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)


def read_yaml(path: Path | str, advice: str = "run from the project's folder") -> object:
    """Return the value of a YAML file; a missing or broken one is an `InputError` that names it."""
    if not Path(path).is_file():
        raise InputError(f"{path}: no such file; {advice}")
    try:
        return load_yaml(read_text(Path(path)))
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
