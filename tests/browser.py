"""A system Chromium for the tests, driven by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

AXE = Path(__file__).parent / "static" / "axe.min.js"
CANDIDATES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str:
    """Return the path of a Chromium; skip where there is none, but fail in CI."""
    for name in (os.environ.get("UNROLLED_CHROMIUM"), *CANDIDATES):
        path = name and shutil.which(name)
        if path:
            return path
    text = "no Chromium found: install it, or name it in UNROLLED_CHROMIUM"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def recorded(page: Page) -> list[str]:
    """Return a list that fills with the addresses of all requests of a page."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    return requests


def violations(page: Page, within: str = "html") -> list[str]:
    """Run axe on a page, or on the part that a selector names; return a line for each finding."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """within => axe.run(document.querySelector(within),
        {resultTypes: ['violations'], preload: false, elementRef: false})""",
        within,
    )
    lines = []
    for violation in found["violations"]:
        node = violation["nodes"][0]
        told = f"{violation['id']}: {node['html'][:120]}: {node['failureSummary'][:300]}"
        lines.append(told)
    return lines
