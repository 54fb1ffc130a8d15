"""Which jobs come first: those on the way to early lines of the calibration, as later ones take longer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Priorities:
    """The priorities of jobs, by the folder of the variant that they belong to; 0 where no line is asked for.

    lines: of the calibration, in their order.
    """

    def __init__(self, lines: list[str]):
        self._lines = lines
        self._of_folder: dict[Path, int] = {}

    def ask_for(self, line: str, behind: Iterable[Path]) -> None:
        """Let what a line needs, the products `behind` it, run before what only later lines need."""
        priority = len(self._lines) - self._lines.index(line)
        for product in behind:
            self._of_folder[product.parent] = max(priority, self._of_folder.get(product.parent, 0))

    def of(self, wildcards: Any) -> int:
        """Return the priority of the job that a rule's wildcards name; a line itself waits for nothing."""
        named = dict(wildcards.items())
        if "line" in named:
            return len(self._lines)
        return self._of_folder.get(Path(f"results/{named.get('dataset')}/{named.get('variant')}"), 0)
