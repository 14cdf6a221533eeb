"""A deck as a lecturer uses it: keys, clicks, paper, a dark room, a screen of any size."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from test_deck import code, lecture, prose, save

from press.exports.deck import DeckExporter

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent
SLIDES = 5


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    notebook = lecture()
    walked = code("\n".join(f"step({i})" for i in range(9)), "-")
    walked.metadata["unrolled"] = {"steps": "1-2|5"}
    for number, cell in enumerate((prose("## Kroki", "slide"), walked, prose("Mów.", "notes"))):
        cell["id"] = f"more-{number}"
        notebook.cells.append(cell)
    notebook.cells[2].metadata["unrolled"] = {"minutes": 2}
    saved = save(notebook, tmp_path_factory.mktemp("deck"))
    valve = saved.parents[2] / "img" / "pl" / "valve.svg"
    valve.write_bytes((ROOT / "img" / "pl" / "valve-3.svg").read_bytes())
    html, _ = DeckExporter().from_filename(str(saved))
    path = tmp_path_factory.mktemp("out") / "deck ąę.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Browser, deck: Path) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 720})
    show(opened, deck)
    yield opened
    opened.close()


def show(page: Page, deck: Path) -> None:
    page.goto(deck.as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")


def number(page: Page) -> int:
    return int(page.evaluate("Reveal.getSlidePastCount() + 1"))


def test_the_right_arrow_goes_through_every_slide_and_back(page: Page) -> None:
    seen = [number(page)]
    while not page.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
        page.keyboard.press("ArrowRight")
        seen.append(number(page))
    assert sorted(set(seen)) == list(range(1, SLIDES + 1))
    assert seen == sorted(seen)
    assert len(seen) > SLIDES  # steps on the slides, too
    for _ in seen[1:]:
        page.keyboard.press("ArrowLeft")
    assert number(page) == 1


def test_go_to_slide_4_goes_to_the_fourth_slide(page: Page) -> None:
    for key in ("g", "4", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("Reveal.getSlidePastCount() === 3")
    assert page.evaluate("getComputedStyle(document.querySelector('.slide-number')).display") == (
        "none"
    )


def test_code_is_walked_in_steps(page: Page) -> None:
    page.evaluate(f"Reveal.slide({SLIDES - 2}, 0)")
    assert number(page) == SLIDES

    def lit() -> list[int]:
        script = "[...document.querySelectorAll('.present .line')].map(l => l.matches('.lit'))"
        return [i for i, on in enumerate(page.evaluate(script), 1) if on]

    assert lit() == []
    page.keyboard.press("ArrowRight")
    assert lit() == [1, 2]
    assert page.evaluate("document.querySelector('.present .walked').matches('.walking')")
    page.keyboard.press("ArrowRight")
    assert lit() == [5]
    page.keyboard.press("ArrowLeft")
    assert lit() == [1, 2]


def test_type_is_as_large_as_fits(page: Page) -> None:
    page.evaluate(f"Reveal.slide({SLIDES - 2}, 0)")
    size = "getComputedStyle(document.querySelector('.present pre')).fontSize"
    assert page.evaluate(size) == "24px"
    page.evaluate("Reveal.slide(1, 0)")
    assert page.evaluate("Reveal.getCurrentSlide().dataset.fitted") == "1"


def test_slides_are_measured_with_their_own_faces(page: Page) -> None:
    states = page.evaluate("[...document.fonts].map(face => face.status)")
    assert set(states) == {"loaded"}


def test_d_is_a_dark_room_and_back(page: Page) -> None:
    dark = "document.documentElement.classList.contains('dark')"
    page.keyboard.press("d")
    assert page.evaluate(dark)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(20, 23, 28)"
    page.keyboard.press("d")
    assert not page.evaluate(dark)


def test_the_speaker_sees_notes_and_pace_in_polish(page: Page) -> None:
    page.keyboard.press("ArrowRight")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    speaker = opened.value
    speaker.wait_for_function("document.body.innerText.includes('Co powie')")
    said = speaker.evaluate("document.body.innerText").casefold()
    for words in ("następny", "notatki", "tempo", "kliknij, aby zacząć od zera"):
        assert words in said
    assert speaker.evaluate("document.documentElement.lang") == "pl"
    assert speaker.evaluate("getComputedStyle(document.querySelector('.pacing')).display") != "none"


def test_a_browser_prints_a_page_for_each_slide(page: Page) -> None:
    plain = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True)))
    assert len(plain.pages) == SLIDES
    text = "".join(p.extract_text() for p in plain.pages)
    for words in ("Iloczyn", "[1 0 3]", "Pytanie?", "Kroki", "step(8)"):  # steps are all there
        assert words in text
    # A picture keeps its room: it does not shrink to a strip.
    page.emulate_media(media="print")
    high = page.evaluate("document.querySelector('figure.picture').getBoundingClientRect().height")
    assert high > 250


@pytest.mark.parametrize(("width", "height", "scale"), [(3840, 2160, 3.0), (390, 844, 0.30)])
def test_the_deck_fills_any_screen(
    browser: Browser, deck: Path, width: int, height: int, scale: float
) -> None:
    opened = browser.new_page(viewport={"width": width, "height": height})
    show(opened, deck)
    assert opened.evaluate("Reveal.getScale()") == pytest.approx(scale, abs=0.01)
    opened.close()


def test_who_asked_for_less_motion_gets_none(browser: Browser, deck: Path) -> None:
    context = browser.new_context(reduced_motion="reduce")
    opened = context.new_page()
    show(opened, deck)
    assert opened.evaluate("Reveal.getConfig().transition") == "none"
    durations = opened.evaluate(
        "[...document.querySelectorAll('.reveal section, .reveal .fragment')]"
        ".map(e => getComputedStyle(e).transitionDuration)"
    )
    assert set(durations) == {"0s"}
    opened.evaluate("Reveal.slide(1, 1)")
    assert opened.evaluate("Reveal.getCurrentSlide().querySelectorAll('.flow-in').length") == 1
    assert opened.evaluate(RUNNING) == []
    context.close()


#: Of what moves in the drawing on the slide: seconds from the first dot to the last.
RUNNING = """
document.getAnimations().filter((a) => a.effect.target.closest('[class^=flow]'))
  .map((a) => a.effect.getComputedTiming().endTime / 1000)
"""


def test_what_flows_in_a_drawing_comes_to_rest_within_five_seconds(page: Page) -> None:
    assert page.evaluate(RUNNING) == []
    page.evaluate("Reveal.slide(1, 1)")
    ends = page.evaluate(RUNNING)
    assert len(ends) == 6  # three lines, and the dots of each
    assert all(4 < end < 5 for end in ends)
    shown = (
        "['.flow', '.flow-in'].map(name => document.querySelector(`.slide.present ${name}`))"
        ".map(e => getComputedStyle(e).opacity)"
    )
    assert page.evaluate(shown) == ["1", "0"]  # the valve is still shut
    page.evaluate("document.getAnimations().forEach(a => a.finish())")
    assert page.evaluate(shown) == ["0", "0"]
    page.evaluate("Reveal.slide(2, 0)")
    assert page.evaluate(RUNNING) == []


def test_without_scripts_the_slides_stand_one_below_the_other(browser: Browser, deck: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(deck.as_uri())
    assert opened.locator("p.still").is_visible()
    for words in ("Iloczyn", "Kroki"):
        assert opened.get_by_text(words).first.is_visible()
    context.close()


def test_the_deck_is_a_text_and_no_application(page: Page) -> None:
    assert page.evaluate("document.querySelector('.reveal').getAttribute('role')") is None
