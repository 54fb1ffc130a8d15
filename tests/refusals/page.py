"""Write docs/refusals.md anew, by trying all inputs of `inputs.py`: python tests/refusals/page.py"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from paths import REPOSITORY  # noqa: E402
from refusals.case import Input, answer  # noqa: E402
from refusals.inputs import AT_THE_PLAN, TABLES  # noqa: E402

PAGE = REPOSITORY / "docs/refusals.md"


def rows(table: list[Input], seconds: bool = False) -> Iterator[str]:
    for one in table:
        said, lines, took = answer(one)
        times = f" {took:.1f} | {lines} |" if seconds else ""
        yield f"| {one.what} | {cell(said)} |{times}"


def cell(text: str) -> str:
    """Return a text as a cell of a Markdown table."""
    return re.sub(r"([|<>*_`])", r"\\\1", text)


def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for title, table in TABLES.items():
        timed = table is AT_THE_PLAN
        head = "| what | answer |" + (" seconds | lines |\n| --- | --- | ---: | ---: |" if timed else "\n| --- | --- |")
        made = "\n".join([head, *rows(table, timed)])
        pattern = rf"(## {title}\n.*?)\| what \|.*?(?=\n\n|\Z)"
        text, count = re.subn(pattern, lambda match, made=made: match[1] + made, text, count=1, flags=re.DOTALL)
        assert count == 1, title
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
