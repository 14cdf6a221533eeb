"""The live view as a lecturer meets it: keys, clicks, and then a look at the files on disk.

Two lectures are walked here. `python -m bench.walk` lets the same tests walk others, up to all of
them in both languages, and keeps what they saw: it names them in ``UNROLLED_WALK``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import pytest
from browser import chromium
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from press.exports import lab
from press.exports.live import lecture_path, presented
from press.exports.slides import count

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("rise")]
ROOT = Path(__file__).resolve().parent.parent
TOKEN = "unrolled-test"
START = 4
#: Where a slide's content must end: below it stand its foot line and number (units of 720).
FOOT = 668
#: What of a slide can be seen, and where it ends, in units of a slide of 1280 x 720.
MEASURED = """() => {
  const slide = document.querySelector('section.present > section.present');
  const unit = Math.min(innerWidth / 1280, innerHeight / 720);
  const top = slide.getBoundingClientRect().top;
  const seen = [...slide.querySelectorAll('p, li, pre, img, table, h2, blockquote, .cm-line')]
    .filter(el => el.offsetParent && !el.closest('aside, .fragment:not(.visible)'));
  const heading = slide.querySelector('h2');
  return {
    number: Number(slide.dataset.number.split('/')[0]),
    step: slide.querySelectorAll('.fragment.visible').length,
    bottom: Math.max(0, ...seen.map(el => (el.getBoundingClientRect().bottom - top) / unit)),
    right: Math.max(0, ...seen.map(el =>
      (el.getBoundingClientRect().right - slide.getBoundingClientRect().left) / unit)),
    scrolls: slide.scrollHeight - slide.clientHeight,
    heading: heading ? (heading.getBoundingClientRect().top - top) / unit : null,
    errors: [...slide.querySelectorAll('[data-mime-type$="stderr"], [data-mime-type$="error"]')]
      .map(el => el.textContent.trim().slice(-200)),
  };
}"""


@dataclass
class Lecture:
    """A lecture that is being presented: its page, its process, its files."""

    page: Page
    process: subprocess.Popen[bytes]
    path: str
    log: Path
    requests: list[tuple[str, str]] = field(default_factory=list)

    @property
    def scratch(self) -> Path:
        return presented(ROOT, self.path).folder / self.path

    def measured(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(MEASURED)
        return found

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def idle(self) -> None:
        self.page.wait_for_function(
            "document.querySelector('#live-lamp').dataset.state === 'idle'",
            timeout=120_000,
            polling=100,
        )

    def go(self, number: int) -> None:
        """Go to a slide as a lecturer does: G, the number, Enter."""
        self.press("g", *str(number), "Enter")
        self.page.wait_for_function(
            "number => document.querySelector('section.present > section.present')"
            ".dataset.number.startsWith(number + '/')",
            arg=number,
        )
        self.page.wait_for_timeout(600)  # the fade

    def counts(self) -> list[str]:
        found: list[str] = self.page.evaluate(
            "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent)"
        )
        return found


def status() -> str:
    return subprocess.run(
        ["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


#: The editions that are walked, and where what was seen is written, a line of JSON for each.
WALKED = [tuple(name.split("-")) for name in os.environ.get("UNROLLED_WALK", "03-pl 04-en").split()]
RECORD = os.environ.get("UNROLLED_WALK_RECORD")


@pytest.fixture(scope="module", params=WALKED, ids="-".join)
def lecture(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lecture]:
    """A lecture as ``make present LECTURE=… EDITION=… SLIDE=4`` shows it, in a warm kernel."""
    name, edition = request.param
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    log = home / "log.txt"
    env = {**os.environ, "JUPYTER_TOKEN": TOKEN, "OMP_NUM_THREADS": "1"}
    for kind in ("CONFIG", "DATA", "RUNTIME"):
        env[f"JUPYTER_{kind}_DIR"] = str(home / kind)
    for kind in ("SETTINGS", "WORKSPACES"):
        env[f"JUPYTERLAB_{kind}_DIR"] = str(home / kind)
    path = lecture_path(ROOT, name, edition)
    there = set((ROOT / "build" / "present").glob("*.edits*"))
    command = [sys.executable, "-m", "press", "present", "--lecture", name, "--edition", edition]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--slide", str(START), "--no-browser", "--port", str(port)],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            for _ in range(480):
                found = re.search(r"http://localhost:\d+/rise/\S+\?", log.read_text())
                if found:
                    break
                assert process.poll() is None, log.read_text()
                time.sleep(0.25)
            else:
                pytest.fail("JupyterLab did not start:\n" + log.read_text())
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            shown = Lecture(page, process, path, log)
            page.on("request", lambda r: shown.requests.append((r.method, r.url)))
            page.goto(f"{found[0]}token={TOKEN}")
            page.wait_for_selector("body[data-live=ready]", state="attached", timeout=120_000)
            page.wait_for_timeout(800)
            yield shown
            page.close()
        finally:
            if process.poll() is None:
                os.kill(process.pid, signal.SIGTERM)
            process.wait(40)
            for new in set((ROOT / "build" / "present").glob("*.edits*")) - there:
                new.unlink()


def test_it_opens_on_the_slide_asked_for_and_the_first_key_works(lecture: Lecture) -> None:
    assert lecture.measured()["number"] == START
    lecture.press("ArrowLeft")
    lecture.page.wait_for_timeout(600)
    assert lecture.measured()["number"] == START - 1
    lecture.page.wait_for_selector("body[data-warm]", state="attached", timeout=240_000)
    assert lecture.page.evaluate("document.body.dataset.warm") == "yes"
    lecture.idle()


def test_the_title_has_the_courses_type_and_the_lit_number(lecture: Lecture) -> None:
    lecture.go(1)
    family, size, motif = lecture.page.evaluate(
        """() => {
        const slide = document.querySelector('section.present > section.present');
        const at = getComputedStyle(slide.querySelector('h1'));
        const motif = getComputedStyle(document.body).getPropertyValue('--motif');
        return [at.fontFamily, at.fontSize, atob(motif.match(/base64,([^)"']*)/)[1])]; }"""
    )
    assert "Source Serif 4" in family
    assert size == "92px"
    assert f">{Path(lecture.path).name[:2]}</text>" in motif


def test_nothing_runs_where_no_code_is_seen(lecture: Lecture) -> None:
    lecture.go(2)
    before = lecture.counts()
    lecture.press("Control+Enter")
    lecture.page.wait_for_selector("#live-line.shown")
    lecture.page.wait_for_timeout(500)
    assert lecture.counts() == before
    lecture.press("Shift+Enter")
    lecture.page.wait_for_timeout(600)
    assert lecture.measured()["number"] == 3


def test_shift_enter_alone_runs_the_lecture_to_its_end_and_everything_fits(
    lecture: Lecture,
) -> None:
    lecture.go(1)
    total = count(nbformat.read(ROOT / lecture.path, as_version=4))
    visited, off, headings = set(), [], {}
    last = (0, 0)
    still = 0
    while still < 2:
        now = lecture.measured()
        visited.add(now["number"])
        assert not now["errors"], now
        if now["bottom"] > FOOT or now["right"] > 1280 or now["scrolls"] > 1:
            off.append(now)
        if now["heading"] is not None:
            headings[now["number"]] = round(now["heading"])
        lecture.press("Shift+Enter")
        lecture.page.wait_for_timeout(120)
        lecture.idle()
        lecture.page.wait_for_timeout(180)
        where = (now["number"], now["step"])
        still = still + 1 if where == last and now["number"] == total else 0
        last = where
    if RECORD:
        _record(lecture, total, visited, off)
    assert visited == set(range(1, total + 1))
    assert not off, "slides whose content runs into the foot line or off the window"
    assert len(set(headings.values())) == 1, f"headings are not at one height: {headings}"
    assert lecture.page.locator("mjx-container").count() > 0
    assert lecture.page.locator("mjx-merror").count() == 0


def _record(lecture: Lecture, total: int, visited: set[int], off: list[dict[str, Any]]) -> None:
    """Add a line to the record of the walk: what was seen of a lecture that ran to its end."""
    notebook = nbformat.read(ROOT / lecture.path, as_version=4)
    hosts = {re.match(r"\w+:(//[^/:]*)?", url)[0] for _, url in lecture.requests}  # type: ignore[index]
    row = {
        "lecture": lecture.path,
        "slides": total,
        "visited": len(visited),
        "overflowing after the run": [one["number"] for one in off],
        "slides with notes": sum(
            cell.metadata.get("slideshow", {}).get("slide_type") == "notes"
            for cell in notebook.cells
        ),
        "requests": len(lecture.requests),
        "to other hosts": sorted(hosts - {"http://localhost", "ws://localhost", "data:", "blob:"}),
        "written in the repository": status().splitlines(),
    }
    with Path(str(RECORD)).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def test_arrows_go_slide_by_slide_and_a_small_beamer_shows_all_after_the_run(
    lecture: Lecture,
) -> None:
    total = count(nbformat.read(ROOT / lecture.path, as_version=4))
    lecture.page.set_viewport_size({"width": 1024, "height": 768})
    try:
        lecture.go(total)
        visited, off = {total}, []
        for _ in range(4 * total):
            lecture.press("ArrowLeft")
            lecture.page.wait_for_timeout(130)
            now = lecture.measured()
            visited.add(now["number"])
            if now["bottom"] > FOOT or now["right"] > 1280:
                off.append(now)
            if now["number"] == 1:
                break
        assert visited == set(range(1, total + 1)), "arrows left slides out"
        assert not off
    finally:
        lecture.page.set_viewport_size({"width": 1280, "height": 720})


def test_code_in_steps_is_lit_line_by_line(lecture: Lecture) -> None:
    notebook = nbformat.read(ROOT / lecture.path, as_version=4)
    walked = next(c for c in notebook.cells if c.metadata.get("unrolled", {}).get("steps"))
    steps = walked.metadata["unrolled"]["steps"].split("|")
    number = lecture.page.evaluate(
        """line => { const all = [...document.querySelectorAll('.reveal section > section')];
        return 1 + all.findIndex(s => [...s.querySelectorAll('.cm-line')]
          .some(l => l.textContent === line)); }""",
        walked.source.splitlines()[0],
    )
    lit = """() => { const all = [...document.querySelectorAll(
        'section.present > section.present .live-walking .cm-line')];
        return all.flatMap((l, i) => getComputedStyle(l).opacity > 0.9 ? [i + 1] : []); }"""
    lecture.go(number)
    assert lecture.page.evaluate(lit) == []
    for step in steps:
        lecture.press("ArrowRight")
        lecture.page.wait_for_timeout(300)
        ends = [int(n) for n in step.split("-")]
        assert lecture.page.evaluate(lit) == list(range(ends[0], ends[-1] + 1)), step
    lecture.press("ArrowLeft")
    lecture.page.wait_for_timeout(300)
    assert len(lecture.page.evaluate(lit)) > 0, "a step back"
    lecture.press("ArrowRight", "ArrowRight")
    lecture.page.wait_for_timeout(300)
    assert lecture.page.evaluate(lit) == []
    lecture.go(number)
    lecture.press("ArrowLeft", "ArrowRight", "ArrowRight")
    lecture.page.wait_for_timeout(300)
    lecture.press("Control+Enter")
    lecture.page.wait_for_timeout(300)
    assert lecture.page.evaluate(lit) == [], "what runs is whole"
    lecture.idle()


def seek_code(lecture: Lecture) -> Any:
    """Go to the first slide with code to edit; return its editor."""
    lecture.go(1)
    code = lecture.page.locator(
        "section.present > section.present .jp-CodeCell:not(.code-hidden) .cm-content:visible"
    )
    for _ in range(40):
        if code.count():
            return code.first
        lecture.press("ArrowRight")
        lecture.page.wait_for_timeout(150)
    pytest.fail("no slide with code was reached")


def write(lecture: Lecture, text: str) -> None:
    code = seek_code(lecture)
    code.click()
    lecture.press("Control+a")
    lecture.page.keyboard.insert_text(text)


def test_one_sees_that_it_computes_and_can_stop_it(lecture: Lecture) -> None:
    write(lecture, "import time\ndef f(n):\n    return f(n - 1) if n else time.sleep(600)\nf(5)")
    lecture.press("Control+Enter")
    lecture.page.wait_for_selector("#live-lamp[data-state=busy]")
    assert lecture.page.locator(".live-stop").is_visible()
    lecture.page.wait_for_timeout(1300)
    assert re.search(r"\d s$", lecture.page.locator(".live-text").inner_text())
    lecture.press("i", "i")
    lecture.idle()
    lecture.page.wait_for_selector("section.present > section.present .jp-OutputArea-output")
    assert "KeyboardInterrupt" in " ".join(lecture.measured()["errors"])
    assert lecture.measured()["scrolls"] <= 1, "a traceback pushes the slide off"


def test_a_picture_stays_until_the_new_one_is_there(lecture: Lecture) -> None:
    draw = (
        "import time\nfrom IPython.display import SVG, display\ntime.sleep({})\n"
        'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
        '<rect width="{}" height="9"/></svg>\'))'
    )
    picture = "section.present > section.present .jp-RenderedSVG:visible"
    write(lecture, draw.format(0, 3))
    lecture.press("Control+Enter")
    lecture.page.wait_for_selector(picture)
    lecture.idle()
    write(lecture, draw.format(3, 9))
    lecture.press("Control+Enter")
    lecture.page.wait_for_selector("#live-lamp[data-state=busy]")
    lecture.page.wait_for_timeout(1000)
    assert lecture.page.locator(picture).count() == 1
    assert lecture.page.locator(".live-still").count() == 1, "the old picture is gone"
    lecture.idle()
    lecture.page.wait_for_selector(".live-still", state="detached")
    assert lecture.page.locator(picture).count() == 1


def test_pen_and_board_are_there(lecture: Lecture) -> None:
    lecture.go(3)
    for key, what in (("]", "#notescanvas"), ("[", "#chalkboard")):
        lecture.press(key)
        lecture.page.wait_for_selector(what, state="visible")
        state = "hidden" if key == "[" else "attached"
        for _ in range(5):  # on a busy machine a key has been lost here
            lecture.press(key)
            with contextlib.suppress(PlaywrightTimeoutError):
                lecture.page.wait_for_selector(what, state=state, timeout=6000)
                break
        else:
            pytest.fail(f"{what} does not close with {key}")


def test_notes_follow_the_slides(lecture: Lecture) -> None:
    lecture.go(3)
    with lecture.page.expect_popup() as opened:
        lecture.press("t")
    notes = opened.value
    notes.wait_for_selector(".live-notes .jp-RenderedMarkdown")
    assert notes.locator("header").inner_text().startswith("3/")
    family = notes.evaluate("getComputedStyle(document.body).fontFamily")
    assert "Source Sans 3" in family, "the window of the notes has no style"
    assert "**" not in notes.locator(".live-notes").inner_text(), "the notes are not set"
    lecture.press("ArrowRight", "ArrowRight", "ArrowRight")
    notes.wait_for_function("!document.querySelector('header').innerText.startsWith('3/')")
    notes.close()


def test_no_key_touches_the_course_and_what_is_typed_is_in_the_scratch_copy(
    lecture: Lecture,
) -> None:
    before, committed = status(), (ROOT / lecture.path).read_bytes()
    write(lecture, "kept = 'typed live'")
    lecture.press("Control+Enter")
    lecture.idle()
    for _ in range(100):  # the interval of the autosave is 5 s
        if "typed live" in lecture.scratch.read_text(encoding="utf-8"):
            break
        lecture.page.wait_for_timeout(200)
    else:
        pytest.fail("what was typed is not in the scratch copy")
    cells = lecture.page.locator(".jp-Cell").count()
    lecture.press("Control+s", "x", "d", "d", "a", "b", "m", "z", "Shift+m", "Control+x")
    lecture.press("Alt+r")
    lecture.page.wait_for_selector("#live-leave")
    lecture.press("Escape")
    lecture.page.wait_for_selector("#live-leave", state="detached")
    assert lecture.page.locator(".jp-Cell").count() == cells, "a key edited the notebook"
    assert (ROOT / lecture.path).read_bytes() == committed
    assert status() == before


def test_nothing_was_asked_of_another_host(lecture: Lecture) -> None:
    hosts = {re.match(r"\w+:(//[^/:]*)?", url)[0] for _, url in lecture.requests}  # type: ignore[index]
    assert hosts <= {"http://localhost", "ws://localhost", "data:", "blob:"}, hosts
    saved = {url.split("?")[0] for method, url in lecture.requests if method == "PUT"}
    assert all(url.endswith(f"/api/contents/{lecture.path}") for url in saved if "contents" in url)


def test_at_the_end_one_is_told_where_the_edits_are(lecture: Lecture) -> None:
    """The Polish lecture is left by its key; the English one's server is killed."""
    before = status()
    edits = presented(ROOT, lecture.path).folder.parent
    there = set(edits.glob("*.edits*"))
    if lecture.path.startswith("lectures/pl"):
        lecture.press("Alt+r")
        told = lecture.page.locator("#live-leave p").inner_text()
        lecture.press("Enter")
        assert lecture.process.wait(60) == 0, lecture.log.read_text()[-2000:]
        (kept,) = set(edits.glob("*.edits*")) - there
        assert kept.relative_to(ROOT).as_posix() in told
        assert str(kept) in lecture.log.read_text()
    else:
        os.killpg(lecture.process.pid, signal.SIGKILL)
        lecture.process.wait(20)
        with lab._scratch(presented(ROOT, lecture.path), [lecture.path]):
            pass
        (kept,) = set(edits.glob("*.edits*")) - there
    assert "kept = 'typed live'" in kept.read_text(encoding="utf-8")
    assert status() == before
