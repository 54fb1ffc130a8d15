"""The page's HTML, of Jinja templates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

LOOK = Path(__file__).parent / "look"  # templates, and as assets the style and scripts that lie beside the page


def render(values: Mapping[str, Any], look: Path = LOOK) -> str:
    """Return index.html; `values` are what the templates of the folder `look` name."""
    loader = FileSystemLoader(look / "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    environment.filters["rate"] = lambda value: "–" if value is None else f"{value:.1f}"
    environment.filters["duration"] = duration
    return environment.get_template("index.html.j2").render(**values)


def duration(seconds: float) -> str:
    """Return seconds as 12.3 s, 4:05 min or 2:10 h."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)}:{int(seconds % 60):02d} min"
    return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02d} h"
