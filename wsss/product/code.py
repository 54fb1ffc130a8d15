"""Which code made a product, by what it means: comments, docstrings and blanks do not count."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from wsss.product.digest import digest_of_values

# What decides how a stage is called and told of, not what it computes: the parameters' effect is in their values.
_AROUND = ("wsss.config", "wsss.errors", "wsss.gpu", "wsss.progress", "wsss.stage", "wsss.product")
WATCHING = ("wsss.training.watch", "wsss.figures", "wsss.evaluation", "wsss.data.outline")  # what a training only shows


def loaded_code(program: Path, without: tuple[str, ...] = ()) -> dict[str, str]:
    """Return {module: digest} of the library's modules that are loaded now, and of the program's file as `program`.

    But for modules and packages `without` effect on what it computes.
    """
    digests = {"program": _digest(Path(program))}
    for name, module in sorted(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if _counts(name) and not _is_in(name, without) and file is not None:
            digests[name] = _digest(Path(file))
    return digests


def changed_code(recorded: dict[str, str], program: Path) -> list[str]:
    """Return those of the recorded modules that mean something else today, or are gone."""
    now = code_now(recorded, program)
    changed = [name for name, digest in recorded.items() if now[name] != digest]
    return [Path(program).stem if name == "program" else name for name in changed]


def code_now(recorded: Iterable[str], program: Path) -> dict[str, str]:
    """Return today's digests of modules, and of the program's file as `program`; "" of those that are gone."""
    files = {name: Path(program) if name == "program" else _file_of(name) for name in recorded}
    return {name: _digest(file) if file is not None and file.exists() else "" for name, file in files.items()}


def _counts(name: str) -> bool:
    return name.startswith("wsss.") and not _is_in(name, _AROUND)


def _is_in(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@cache
def _file_of(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except ModuleNotFoundError:  # its package is gone, too
        return None
    return Path(spec.origin) if spec is not None and spec.origin is not None else None


@cache
def _digest(path: Path) -> str:
    return meaning_of(path.read_text())


def meaning_of(source: str) -> str:
    """Return a digest that two texts of Python share if they differ in comments, docstrings and blanks only."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                del node.body[0]
    return digest_of_values(_plain(tree))


def _plain(node: object) -> object:
    """Return a syntax tree as lists and texts; what is empty is left out, as Pythons differ in it."""
    if isinstance(node, ast.AST):
        fields = [[name, _plain(value)] for name, value in ast.iter_fields(node) if value is not None and value != []]
        return [type(node).__name__, *fields]
    if isinstance(node, list):
        return [_plain(one) for one in node]
    return repr(node)
