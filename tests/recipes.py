"""The recipes of CONTRIBUTING.md as edits, in the three forms that they are written in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_EDIT = re.compile(
    r"^(?:Write `(?P<written>[^`]+)`:"
    r"|In `(?P<file>[^`]+)`, (?:add to `(?P<name>[^`]+)`|below `(?P<line>[^`]+)`, add):"
    r"|(?P<run>Run):)\n\n```\w*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Recipe:
    """A section of CONTRIBUTING.md: its edits, in their order, and the commands to run afterwards."""

    edits: list[re.Match[str]]

    @property
    def commands(self) -> list[str]:
        return [line for edit in self.edits if edit["run"] for line in edit["code"].splitlines()]

    def apply(self, root: Path) -> None:
        """Make the edits in the copy of the project at `root`."""
        for edit in self.edits:
            if edit["written"]:
                path = root / edit["written"]
                assert not path.exists(), f"the recipe writes {edit['written']}, which is there already"
                path.write_text(edit["code"])
            elif edit["file"]:
                path = root / edit["file"]
                path.write_text(_added(path.read_text(), edit))


def _added(text: str, edit: re.Match[str]) -> str:
    """Return the text with the edit's code below its line; `add to NAME` means below the line where NAME begins."""
    start = rf"{re.escape(edit['name'])}(?=[:( ]).*" if edit["name"] else rf"{re.escape(edit['line'])}(?=$| #).*"
    found = list(re.finditer(rf"^{start}\n", text, re.MULTILINE))
    assert len(found) == 1, f"{edit['file']}: {len(found)} lines begin with {edit['name'] or edit['line']!r}"
    return text[: found[0].end()] + edit["code"] + text[found[0].end() :]


def read_recipes(page: str) -> dict[str, Recipe]:
    """Return {heading: recipe} of the sections of CONTRIBUTING.md that have one."""
    titles, bodies = (re.split(r"^## (.+)\n", page, flags=re.MULTILINE)[start::2] for start in (1, 2))
    recipes = {title: Recipe(list(_EDIT.finditer(body))) for title, body in zip(titles, bodies, strict=True)}
    return {title: recipe for title, recipe in recipes.items() if recipe.edits}
