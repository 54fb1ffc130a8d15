"""Data as a classic script: what a page opened from disk may read, without a server."""

from __future__ import annotations

import json


def script(name: str, value: object) -> str:
    """Return a script that hands `value`, plain data without NaN, to the page under this name."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    text = text.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"PAGE.take({json.dumps(name)},{text});\n"
