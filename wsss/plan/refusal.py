"""How a run says no before it begins: one sentence, and nothing after it."""

from __future__ import annotations

import difflib
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from wsss.errors import InputError
from wsss.plan.rows import ROWS, WILDCARDS


@contextmanager
def refusals() -> Iterator[None]:
    """End the process with the sentence of an `InputError`: Snakemake would hide it in a traceback."""
    try:
        yield
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from None


class UnknownTargets:
    """Targets that nothing makes: words that are no rule's name, and paths below results/ that no stage makes.

    Args:
        words: names of rules that may be asked for.
        names: of tables, figures and lines of the calibration.
        datasets: that params.yaml has.
    """

    def __init__(self, words: Iterable[str], names: Iterable[str], datasets: Iterable[str]):
        self.words, self.names, self.datasets = list(words), list(names), list(datasets)
        self._templates = [path for row in ROWS.values() for path in _with_suffixes(row.makes, row.beside)]

    @property
    def pattern(self) -> str:
        """The regular expression of their paths; what says that a stage was planned anew is none of them."""
        words = "|".join(map(re.escape, self.words))
        return rf"(?!(?:{words})$)[^/.]+|(?!(?:{self._made})$)(?!.*/\.(?:planned|parts)/)results/.+"

    @property
    def _made(self) -> str:
        """The regular expression of what stages make."""
        patterns = WILDCARDS | {"name": "|".join(map(re.escape, self.names))}
        wildcards = {re.escape(f"{{{name}}}"): f"(?:{pattern})" for name, pattern in patterns.items()}
        return "|".join(_filled(re.escape(template), wildcards) for template in self._templates)

    def inputs(self, wildcards: Any) -> list[str]:
        """Refuse the target of a rule's wildcards, as its input function."""
        with refusals():
            return self.refuse(wildcards.target)

    def refuse(self, target: str) -> list[str]:
        """Raise `InputError` with the nearest target that something makes; a file that is there needs no maker."""
        if Path(target).exists():
            return []
        for folder in map(str, Path(target).parents):
            if re.fullmatch(self._made, folder):
                raise InputError(f"nothing makes {target} alone; it may be in {folder}, which can be asked for")
        nearest = difflib.get_close_matches(target, self._known(target), n=1)
        advice = f"; did you mean {nearest[0]}?" if nearest else "; README.md says what can be asked for"
        raise InputError(f"nothing makes {target}{advice}")

    def _known(self, target: str) -> list[str]:
        """Return what could be meant: rules' names, or each stage's product with the variant that the target names."""
        if "/" not in target:
            return self.words
        variant = next((part for part in Path(target).parts if "=" in part), "main")
        values = product(self.datasets, WILDCARDS["split"].split("|"), self.names)
        wildcards = [{"{dataset}": d, "{variant}": variant, "{split}": s, "{name}": n} for d, s, n in values]
        return list({_filled(template, one) for template in self._templates for one in wildcards})


def _with_suffixes(path: str, suffixes: Iterable[str]) -> list[str]:
    return [path, *(str(Path(path).with_suffix(suffix)) for suffix in suffixes)]


def _filled(template: str, values: dict[str, str]) -> str:
    for wildcard, value in values.items():
        template = template.replace(wildcard, value)
    return template
