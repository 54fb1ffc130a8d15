"""YAML as params.yaml and variants mean it."""

from __future__ import annotations

import re

import yaml


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
