"""The live view: RISE opens a lecture in a real JupyterLab, moves, and runs a cell."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from playwright.sync_api import Browser, Page

from press.lab import lecture_path

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("rise")]  # one server for all
ROOT = Path(__file__).resolve().parent.parent
TOKEN = "unrolled-test"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab as ``make present`` starts it; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    log = home / "log.txt"
    env = {
        **os.environ,
        "JUPYTER_TOKEN": TOKEN,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    command = [sys.executable, "-m", "press", "present", "--lecture", "03", "--no-browser"]
    with log.open("w") as out:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            for _ in range(240):
                found = re.search(r"http://localhost:\d+/", log.read_text())
                if found:
                    break
                assert process.poll() is None, log.read_text()
                time.sleep(0.25)
            else:
                pytest.fail("JupyterLab did not start:\n" + log.read_text())
            yield found[0]
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def rise(browser: Browser, server: str) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(f"{server}rise/{lecture_path(ROOT, '03', 'pl')}?token={TOKEN}")
    page.wait_for_selector("body.rise-enabled .reveal .slides section.present", timeout=60_000)
    page.wait_for_selector(".jp-RenderedMarkdown h1:visible", timeout=60_000)
    yield page
    page.close()


def here(page: Page) -> str:
    return page.evaluate("location.hash")


def test_it_opens_on_the_title_and_moves_to_the_second_slide(rise: Page) -> None:
    assert rise.locator("section.present h1:visible").first.inner_text().strip("¶ \n") == "Bramki"
    before = here(rise)
    rise.keyboard.press("Space")
    rise.wait_for_function("before => location.hash !== before", arg=before)
    rise.wait_for_selector("section.present h2:visible")
    assert "Po tym wykładzie" in rise.locator("section.present h2:visible").first.inner_text()


def test_the_course_theme_is_on(rise: Page) -> None:
    font = rise.evaluate(
        "getComputedStyle(document.querySelector('section.present .jp-RenderedMarkdown p'))"
    )
    family = rise.evaluate(
        """() => { const s = getComputedStyle(
        document.querySelector('section.present .jp-RenderedMarkdown p'));
        return [s.fontFamily, parseFloat(s.fontSize)]; }"""
    )
    assert font is not None
    assert "Source Sans 3" in family[0]
    assert family[1] >= 24
    assert rise.evaluate("document.fonts.check('24px \"Source Sans 3\"')")


def test_math_is_set_and_a_cell_runs(rise: Page) -> None:
    ran = False
    for _ in range(80):
        code = rise.locator("section.present:not(:has(section)) .jp-CodeCell .cm-content:visible")
        if code.count():
            code.first.click()
            rise.keyboard.press("Control+Enter")
            # the prompt is hidden by the theme, not gone: [*] while running, then [1]
            rise.wait_for_function(
                """() => [...document.querySelectorAll('section.present .jp-InputPrompt')]
                .some(p => /\\[1\\]/.test(p.textContent))""",
                timeout=60_000,
            )
            ran = True
            break
        before = here(rise)
        rise.keyboard.press("Space")
        rise.wait_for_timeout(60)
        if here(rise) == before:
            rise.wait_for_timeout(100)
    assert ran, "no code cell was reached"
    assert rise.locator("mjx-container").count() > 0
    assert rise.locator("mjx-merror").count() == 0


def test_presenting_never_saves_behind_the_lecturers_back(rise: Page, server: str) -> None:
    answer = rise.request.get(
        f"{server}lab/api/settings/@jupyterlab/docmanager-extension:plugin?token={TOKEN}"
    )
    assert answer.ok
    assert answer.json()["schema"]["properties"]["autosave"]["default"] is False


def test_no_slide_runs_off_the_live_view(rise: Page) -> None:
    off, stood_still = {}, 0
    while stood_still < 3:
        before = here(rise)
        shown = rise.evaluate("document.querySelectorAll('.fragment.visible').length")
        bottom = rise.evaluate(
            """() => Math.max(...[...document.querySelectorAll(
            'section.present:not(:has(section)) :is(p, li, pre, img, table, h2, .cm-line)')]
            .filter(el => el.offsetParent && getComputedStyle(el).visibility !== 'hidden')
            .map(el => el.getBoundingClientRect().bottom))"""
        )
        if bottom > 720:
            off[before] = round(bottom)
        rise.keyboard.press("Space")
        rise.wait_for_timeout(150)
        after = rise.evaluate("document.querySelectorAll('.fragment.visible').length")
        stood_still = stood_still + 1 if here(rise) == before and after == shown else 0
    assert here(rise).count("-") == 2, "the walk ended on no slide"
    assert not off, f"slides that end below the window of 720 px: {off}"
