"""What the HTML pages are made of: one file each, with its pictures in it."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence

import numpy as np
from PIL import Image

from wsss.files import voc_palette

_SIDE = 220  # pixels of a picture's longer side
_STYLE = (
    "body{font:15px system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.15em .7em;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}code{font-size:90%}.bar{display:inline-block;height:.7em;"
    "background:#4a7ab5;margin-right:.5em}figure{display:inline-block;margin:.5em;vertical-align:top;max-width:690px}"
    "figcaption{font-size:85%}.key{display:inline-block;width:.8em;height:.8em;margin:0 .2em 0 .6em}"
)


def page(title: str, *parts: str) -> str:
    """Return a page as HTML, of parts that are HTML; the title up to its colon is the heading, too."""
    heading = html.escape(title.partition(":")[0])
    head = f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title>"
    return "\n".join([head, f"<style>{_STYLE}</style><h1>{heading}</h1>", *parts]) + "</html>\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already; nothing without rows."""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{''.join(f'<th>{cell}</th>' for cell in header)}</tr>{body}</table>" if body else ""


def figure(pictures: Iterable[np.ndarray], name: str, classes: Sequence[tuple[int, str]], text: str = "") -> str:
    """Return pictures (H, W, 3) uint8 in a row above the name of their image, a key of (number, name) and a text."""
    images = " ".join(f'<img alt="" src="data:image/jpeg;base64,{_jpeg(picture)}">' for picture in pictures)
    keys = "".join(f"{key(number)}{html.escape(label)}" for number, label in classes) or "no label"
    below = f"<br>{html.escape(text)}" if text else ""
    return f"<figure>{images}<figcaption><code>{html.escape(name)}</code>{keys}{below}</figcaption></figure>"


def key(number: int) -> str:
    """Return a square of a class's colour."""
    red, green, blue = voc_palette()[number]
    return f'<span class=key style="background:rgb({red},{green},{blue})"></span>'


def _jpeg(picture: np.ndarray) -> str:
    image, file = Image.fromarray(picture), io.BytesIO()
    image.thumbnail((_SIDE, _SIDE))
    image.save(file, "JPEG", quality=80)
    return base64.b64encode(file.getvalue()).decode()
