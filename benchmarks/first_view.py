"""How long a browser takes to show the first view of a page of static files."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import perf_counter

REPEAT = 3


def browser_program() -> str | None:
    """Return Debian's chromium, or another browser that Playwright can start; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def first_view_seconds(*pages: Path) -> list[float] | None:
    """Return the shortest time of each page, opened in turns in Debian's chromium; None where there is none."""
    program = browser_program()
    if program is None:
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        times = [[_opened(browser, page) for page in pages] for _ in range(REPEAT)]
        browser.close()
    return [min(of_one) for of_one in zip(*times, strict=True)]


def _opened(browser, page: Path) -> float:
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    start = perf_counter()
    tab.goto((page / "index.html").resolve().as_uri())
    tab.wait_for_selector("body[data-shown]")
    tab.wait_for_load_state("networkidle")
    taken = perf_counter() - start
    tab.close()
    return taken
