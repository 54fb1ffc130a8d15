"""The tables of docs/parameters.md: every name that can be chosen, made from `wsss.config.choices`.

python -m wsss.config.reference docs/parameters.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from wsss.config.choices import (
    AGREEMENTS,
    BACKBONES,
    BACKGROUNDS,
    HEADS,
    LABELS,
    LAYOUTS,
    MAPPINGS,
    REGULARIZATIONS,
    SCHEDULES,
    BackboneChoice,
    Choice,
    LayoutChoice,
    MappingChoice,
)
from wsss.errors import InputError

BEGIN = "<!-- The tables from here on are made: python -m wsss.config.reference docs/parameters.md -->"
END = "<!-- End of the tables that are made. -->"
TABLES: dict[str, Mapping[str, Choice]] = {
    "`seed.mapping`: from activations to class scores": MAPPINGS,
    "`seed.regularization`: the two views that have to agree": REGULARIZATIONS,
    "`seed.agreement`: how eq. 9 is read": AGREEMENTS,
    "`seed.schedule`: how the rates of `aa` rise": SCHEDULES,
    "`affinity_labels.labels`: what AffinityNet learns from": LABELS,
    "`mask.background`: where the background enters the random walk, and how high": BACKGROUNDS,
    "`segmentation.head`": HEADS,
    "`data.layout`: the form of a data set": LAYOUTS,
    "`backbone`: this project's own networks, beside those of timm": BACKBONES,
}


def with_tables(page: str) -> str:
    """Return the text of docs/parameters.md with its tables made anew; InputError where their marks are missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(f"docs/parameters.md: keep the lines {BEGIN!r} and {END!r}, between which the tables stand")
    tables = "\n".join(f"### {title}\n\n{choice_table(choices)}" for title, choices in TABLES.items())
    return f"{before}{begin}\n\n{tables}\n{end}{after}"


def choice_table(choices: Mapping[str, Choice]) -> str:
    """Return one table of choices in Markdown, a row each; columns that no choice has anything for are left out."""
    rows = [{"name": f"`{name}`", **_cells(choice)} for name, choice in choices.items()]
    columns = [column for column in rows[0] if any(row[column] for row in rows)]
    lines = [columns, ["---"] * len(columns), *([row[column] for column in columns] for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _cells(choice: Choice) -> dict[str, str]:
    cells = {"what it is": choice.about}
    if isinstance(choice, MappingChoice):
        cells["networks"] = ", ".join(choice.kinds)
    if isinstance(choice, BackboneChoice):
        fetched = [choice.fetched_weights] if choice.fetched_weights else []
        cells |= {"kind": choice.kind, "`weights: imagenet`": _code(fetched)}
    if isinstance(choice, LayoutChoice):
        cells |= {"keys it needs": _code(choice.needs), "keys it may have": _code(choice.keys)}
    else:
        cells["keys it reads"] = _code(choice.keys)
    path = Path(*choice.where.partition(":")[0].split(".")).with_suffix(".py")
    return {**cells, "where": f"[{path.name}](../{path.as_posix()})"}


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(with_tables(path.read_text()))
