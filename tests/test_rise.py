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
#: The editions that are walked, and where what was seen is written, a line of JSON for each.
WALKED = [tuple(name.split("-")) for name in os.environ.get("UNROLLED_WALK", "03-pl 04-en").split()]
RECORD = os.environ.get("UNROLLED_WALK_RECORD")
#: How long a cell, and the lecture run once in the background, may take, ms. Slow is no finding of
#: a walk that is recorded: the machine may be busy.
COMPUTED, PREPARED = (600_000, 1_200_000) if RECORD else (120_000, 240_000)
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
    dialogs: [...document.querySelectorAll('.jp-Dialog')].map(el => el.innerText),
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
    #: What the walk saw, a line of the record.
    row: dict[str, Any] = field(default_factory=dict)

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
            timeout=COMPUTED,
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


#: A folder for a picture of every slide, after everything on it has been run.
PICTURES = os.environ.get("UNROLLED_WALK_PICTURES")
#: For each slide, whether the window of the notes has something to say.
WITH_NOTES = """() => {
  const noted = at => Boolean(at && (at.querySelector('aside.notes .jp-MarkdownCell')
    || noted(at.nextElementSibling)));
  return [...document.querySelectorAll('.reveal .slides > section > section')].map(noted);
}"""
#: Slides of words beside hidden code, as a question and a claim: whether their type is larger.
WORDS = """() => [...document.querySelectorAll('.reveal .slides > section > section')]
  .filter(slide => slide.querySelector('.code-hidden .jp-OutputArea-output')
    && !slide.querySelector('.jp-CodeCell:not(.code-hidden), .jp-RenderedText, .jp-RenderedHTML')
    && !slide.querySelector(':is(.jp-RenderedMarkdown, .jp-OutputArea-output) :is(img, svg)'))
  .map(slide => slide.classList.contains('airy'))"""
#: Lets answers to saves come late, when a test asks for it.
SLOW = """const swift = window.fetch;
window.fetch = async (...asked) => {
  const answer = await swift(...asked);
  const method = asked[1]?.method || asked[0]?.method;
  if (method === 'PUT' && window.slow) await new Promise(done => setTimeout(done, window.slow));
  return answer;
};"""
#: What the page says beside the slides' own cells: texts, tool tips, names for readers of screens.
INTERFACE = """() => {
  const found = new Set();
  for (const el of document.querySelectorAll('body, body *')) {
    if (el.closest('.jp-Cell, .aria-status, script, style')) continue;
    if (!el.getClientRects().length) continue;
    const own = [...el.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent).join(' ');
    for (const text of [own, el.getAttribute('title'), el.getAttribute('aria-label')])
      if (text && /[a-z]{2}/i.test(text)) found.add(text.trim());
  }
  return [...found];
}"""


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
            page.set_default_timeout(COMPUTED if RECORD else 30_000)
            shown = Lecture(page, process, path, log)
            before = status().splitlines()
            page.on("request", lambda r: shown.requests.append((r.method, r.url)))
            page.add_init_script(SLOW)
            page.goto(f"{found[0]}token={TOKEN}")
            page.wait_for_selector("body[data-live=ready]", state="attached", timeout=120_000)
            page.wait_for_timeout(800)
            yield shown
            if RECORD and "visited" in shown.row:
                shown.row["written"] = [
                    line for line in status().splitlines() if line not in before
                ]
                with Path(RECORD).open("a", encoding="utf-8") as file:
                    file.write(json.dumps(shown.row, ensure_ascii=False) + "\n")
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
    lecture.page.wait_for_selector("body[data-warm]", state="attached", timeout=PREPARED)
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


def walk(lecture: Lecture, *keys: str) -> list[dict[str, Any]]:
    """Walk by keys from the first slide to the last; return what was measured at each step."""
    lecture.go(1)
    total = count(nbformat.read(ROOT / lecture.path, as_version=4))
    steps: list[dict[str, Any]] = []
    still = 0
    while still < 2:
        for key in keys[:-1]:  # what shows an output; the last key goes on
            lecture.press(key)
            lecture.page.wait_for_timeout(60)
        now = lecture.measured()
        if over(now):  # a slow machine may still be fitting the slide: what stays is a fault
            lecture.page.wait_for_timeout(1000)
            now = lecture.measured()
        picture(lecture, now["number"])
        lecture.press(keys[-1])
        lecture.page.wait_for_timeout(50)  # the lamp is lit when the key has been taken
        lecture.idle()
        lecture.page.wait_for_timeout(100)
        same = steps and (steps[-1]["number"], steps[-1]["step"]) == (now["number"], now["step"])
        still = still + 1 if same and now["number"] == total else 0
        steps.append(now)
    lecture.row = {
        "lecture": lecture.path,
        "run": keys[-1] == "Shift+Enter",
        "slides": total,
        "visited": len({step["number"] for step in steps}),
        "with notes": sum(lecture.page.evaluate(WITH_NOTES)),
        "overflowing": sorted({step["number"] for step in steps if over(step)}),
        "with errors": sorted(
            {step["number"] for step in steps if step["errors"] or step["dialogs"]}
        ),
        "interface": sorted(lecture.page.evaluate(INTERFACE)),
    }
    return steps


def over(step: dict[str, Any]) -> bool:
    """Whether something of a slide runs into its foot line or off the slide."""
    return bool(step["bottom"] > FOOT or step["right"] > 1280 or step["scrolls"] > 1)


def test_shift_enter_alone_runs_the_lecture_to_its_end_and_everything_fits(
    lecture: Lecture,
) -> None:
    steps = walk(lecture, "Shift+Enter")
    assert {step["number"] for step in steps} == set(range(1, lecture.row["slides"] + 1))
    assert [step for step in steps if step["errors"] or step["dialogs"]] == []
    off = [step for step in steps if over(step)]
    assert not off, "slides whose content runs into the foot line or off the window"
    headings = {s["number"]: round(s["heading"]) for s in steps if s["heading"] is not None}
    assert len(set(headings.values())) == 1, f"headings are not at one height: {headings}"
    larger = lecture.page.evaluate(WORDS)
    assert not larger or any(larger), "a claim is small on an empty slide"
    assert lecture.page.locator("mjx-container").count() > 0
    assert lecture.page.locator("mjx-merror").count() == 0


@pytest.mark.skipif(not RECORD, reason="a part of bench.walk")
def test_kept_outputs_fit_without_running(lecture: Lecture) -> None:
    """What O shows: the outputs of the course's own run; twice, for two cells of one slide."""
    prepared = "document.body.dataset.warm"
    text = "document.querySelector('.live-text').innerText"
    second = rf"/ ([2-9]|\d\d)\//.test({text})"
    # A kernel that is interrupted while it starts dies.
    lecture.page.wait_for_function(f"{prepared} || {second}", timeout=PREPARED)
    while not lecture.page.evaluate(prepared):
        lecture.press("i", "i")
        lecture.page.wait_for_timeout(5000)
    lecture.idle()
    steps = walk(lecture, "o", "o", "ArrowRight")
    assert {step["number"] for step in steps} == set(range(1, lecture.row["slides"] + 1))
    assert [step for step in steps if step["dialogs"] or over(step)] == []


def picture(lecture: Lecture, number: int, ending: str = "") -> None:
    """Keep a picture of the slide, if pictures are wanted; a later one replaces it."""
    if PICTURES:
        name = f"{Path(lecture.path).stem}.{Path(lecture.path).parent.name}-{number:02d}{ending}"
        lecture.page.screenshot(path=Path(PICTURES) / f"{name}.jpg", type="jpeg", quality=70)


def test_arrows_go_slide_by_slide_and_a_small_beamer_shows_all_after_the_run(
    lecture: Lecture,
) -> None:
    total = count(nbformat.read(ROOT / lecture.path, as_version=4))
    lecture.page.set_viewport_size({"width": 1024, "height": 768})
    try:
        lecture.go(total)
        visited, off = {total}, []
        pictured: set[int] = set()
        for _ in range(4 * total):
            lecture.press("ArrowLeft")
            lecture.page.wait_for_timeout(100)
            now = lecture.measured()
            visited.add(now["number"])
            if now["bottom"] > FOOT or now["right"] > 1280:
                off.append(now)
            if now["number"] not in pictured:
                pictured.add(now["number"])
                picture(lecture, now["number"], "-small")
            if now["number"] == 1:
                break
        lecture.row["overflowing, 1024 × 768"] = sorted({one["number"] for one in off})
        assert visited == set(range(1, total + 1)), "arrows left slides out"
        assert not off
    finally:
        lecture.page.set_viewport_size({"width": 1280, "height": 720})


def test_code_in_steps_is_lit_line_by_line(lecture: Lecture) -> None:
    notebook = nbformat.read(ROOT / lecture.path, as_version=4)
    walked = next((c for c in notebook.cells if c.metadata.get("unrolled", {}).get("steps")), None)
    if walked is None:
        pytest.skip("no code of this lecture is walked in steps")
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
    """On a busy machine the slide's change comes late and closes the board: one asks again."""
    lecture.go(3)

    def until(key: str, what: str, state: Any) -> None:
        for _ in range(5):
            lecture.press(key)
            with contextlib.suppress(PlaywrightTimeoutError):
                lecture.page.wait_for_selector(what, state=state, timeout=6000)
                return
        pytest.fail(f"{key} does not make {what} {state}")

    until("]", "#notescanvas[style*='pointer-events: auto']", "attached")
    until("]", "#notescanvas[style*='pointer-events: none']", "attached")
    until("[", "#chalkboard", "visible")
    until("[", "#chalkboard", "hidden")


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


def test_a_wide_table_scrolls_and_a_link_leads_to_its_slide(lecture: Lecture) -> None:
    lecture.go(2)
    last = lecture.page.evaluate(
        """() => {
        const heading = [...document.querySelectorAll('.reveal section > section h2')].at(-1);
        const name = heading.textContent.replace('¶', '').trim().replace(/\\s+/g, '-');
        document.querySelector('section.present > section.present .jp-RenderedMarkdown')
          .insertAdjacentHTML('beforeend', '<div id="added"><table id="wide"><tr>' +
            '<td>feature</td>'.repeat(60) +
            `</tr></table><a id="there" href="#${name}">x</a></div>`);
        return Number(heading.closest('section').dataset.number.split('/')[0]); }"""
    )
    lecture.go(3)
    lecture.go(2)
    try:
        assert lecture.page.evaluate(
            """() => { const table = document.querySelector('#wide');
            return [table.getBoundingClientRect().right <= innerWidth,
              table.scrollWidth > table.clientWidth]; }"""
        ) == [True, True]
        lecture.page.click("#there")
        lecture.page.wait_for_timeout(600)
        assert lecture.measured()["number"] == last
    finally:
        lecture.page.evaluate("document.querySelector('#added').remove()")


def test_a_save_that_takes_long_asks_nothing(lecture: Lecture) -> None:
    """The next save begins after 5 s, while the answer to this one is on its way."""
    if not lecture.path.startswith("lectures/pl"):
        pytest.skip("one lecture is enough")
    lecture.page.evaluate("window.slow = 7000")
    try:
        write(lecture, "kept = 'typed live'  # first")
        for _ in range(200):
            if "# first" in lecture.scratch.read_text(encoding="utf-8"):
                break
            lecture.page.wait_for_timeout(200)
        else:
            pytest.fail("what was typed is not in the scratch copy")
        lecture.page.keyboard.insert_text(" second")  # while the answer is on its way
        lecture.page.wait_for_timeout(9000)
        assert lecture.page.locator(".jp-Dialog").count() == 0
    finally:
        lecture.page.evaluate("window.slow = 0")
        lecture.press("Escape")


def test_no_key_touches_the_course_and_what_is_typed_is_in_the_scratch_copy(
    lecture: Lecture,
) -> None:
    before, committed = status(), (ROOT / lecture.path).read_bytes()
    write(lecture, "kept = 'typed live'")
    lecture.press("Control+Enter")
    lecture.idle()
    for _ in range(500 if RECORD else 100):  # the interval of the autosave is 5 s
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
    own = {"http://localhost", "ws://localhost", "data:", "blob:"}
    lecture.row["asked elsewhere"] = sorted(hosts - own)
    assert hosts <= own, hosts
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
