"""Every deck, page and index in a real browser: it fits, it is readable, it asks nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browser import chromium, recorded, violations, visit
from course import BUILD, ROOT, exports, name
from playwright.sync_api import Browser
from test_deck import code, lecture, prose, save, shows

from press.exports.deck import DeckExporter
from press.exports.site import Export, build
from press.sources.source import find

pytestmark = pytest.mark.browser
DECKS = [e for e in exports() if e.exporter == "unrolled-deck"]
PAGES = [e for e in exports() if e.exporter == "unrolled-page"]
#: The most bytes of a deck: it opens at once, also from a mail or a slow disk.
LARGEST = 1_000_000

Made = Callable[[Export], Path]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("export", DECKS, ids=name)
def test_a_deck_fits_is_accessible_and_asks_nobody(
    browser: Browser, made: Made, export: Export
) -> None:
    path = made(export)
    seen = visit(browser, path)
    wrong = [*seen.overflows, *seen.violations, *seen.errors]
    if path.stat().st_size >= LARGEST:
        wrong.append(f"the deck has {path.stat().st_size:,} bytes, {LARGEST:,} are too many")
    if seen.seen != seen.total:
        wrong.append(f"walked {seen.seen} of {seen.total} slides")
    if seen.language != export.target.parts[0]:
        wrong.append(f"the document says that its language is {seen.language!r}")
    if not seen.formulas or seen.refused:
        wrong.append(f"{seen.formulas} formulas, {seen.refused} of them refused")
    if seen.without_alt:
        wrong.append(f"{seen.without_alt} pictures without an alt text")
    wrong += [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))]
    files = [url for url in seen.requests if url.startswith("file:")]
    if len(files) != 1:
        wrong.append(f"the deck is not one file: {files}")
    assert not wrong, "\n".join(wrong)


#: Faults to plant in the small deck of test_deck.py: what to replace, by what, what axe says.
FAULTS = [
    ("<h2>Wykres</h2>", '<h2 style="color:#bbb">Wykres</h2>', "color-contrast"),
    ("<p>Pytanie?</p>", '<p style="color:#ccc">Pytanie?</p>', "color-contrast"),
    (' alt="Sigmoida &quot;S&quot;"', "", "image-alt"),
    (' aria-label="Zawór na torze"', "", "svg-img-alt"),
    ("<p>Mnożymy:", '<p><a href="x"></a><button></button>Mnożymy:', "button-name"),
]


def test_a_slide_alone_shows_axe_the_same_faults(browser: Browser, tmp_path: Path) -> None:
    html, _ = DeckExporter().from_filename(str(save(lecture(), tmp_path)))
    sound = tmp_path / "sound.html"
    sound.write_text(html, encoding="utf-8")
    for old, new, _ in FAULTS:
        assert html.count(old) == 1, old
        html = html.replace(old, new)
    faulty = tmp_path / "faulty.html"
    faulty.write_text(html, encoding="utf-8")
    alone, whole = visit(browser, faulty), visit(browser, faulty, alone=False)
    assert sorted(alone.violations) == sorted(whole.violations)
    rules = {line.split(":")[0] for line in alone.violations}
    assert rules >= {rule for _, _, rule in FAULTS}
    assert len([line for line in alone.violations if line.startswith("color-contrast")]) >= 2
    assert alone.without_alt == 2
    assert alone.seen == alone.total == 4
    clean = visit(browser, sound)
    assert not clean.violations
    assert not clean.overflows
    assert clean.without_alt == 0


def test_a_walk_sees_what_is_too_large_too_small_broken_or_elsewhere(
    browser: Browser, tmp_path: Path
) -> None:
    html, _ = DeckExporter().from_filename(str(save(lecture(), tmp_path)))
    for old, new in (
        ("<p>Pytanie?</p>", '<p style="width:2000px;max-width:none">Pytanie?</p>'),
        ("<p>Mnożymy:", '<img src="http://localhost:9/x.png" alt="x"><p style="font-size:9px">M'),
        ("Reveal.initialize({\n", "setTimeout(() => missing());\n  Reveal.initialize({\n"),
    ):
        assert html.count(old) == 1, old
        html = html.replace(old, new)
    path = tmp_path / "faulty.html"
    path.write_text(html, encoding="utf-8")
    seen = visit(browser, path)
    assert any("px wide" in line or " by " in line for line in seen.overflows)
    assert any(re.search(r"P 9 px", line) for line in seen.overflows)
    assert any("missing" in line for line in seen.errors)
    assert "http://localhost:9/x.png" in seen.requests


def test_a_picture_that_grows_stays_where_it_is_and_a_tick_stands_beside_its_line(
    browser: Browser, tmp_path: Path
) -> None:
    small, high = "$$x$$", r"$$\sum_t \frac{a}{\sqrt{b}}$$"
    notebook = lecture()
    for heading, below in (
        ("Rośnie", small),
        ("Rośnie $x_t$", high),
        ("Rośnie", f"{small}\n\n{small}"),
    ):
        text = f"## {heading}\n\n![Zawór](../../img/pl/valve.svg)\n\n{below}"
        notebook.cells.append(prose(text, "slide"))
    notebook.cells += [
        prose("## Sprawdzone", "slide"),
        code("claim()", outputs=[shows(text_markdown="✓ Jedno zdanie.")], hidden=True),
    ]
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    source = save(notebook, tmp_path)
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 870 300"><path d="M0 0"/></svg>'
    (tmp_path / "img" / "pl" / "valve.svg").write_text(drawing, encoding="utf-8")
    html, _ = DeckExporter().from_filename(str(source))
    path = tmp_path / "growing.html"
    path.write_text(html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    places = []
    for number in range(page.evaluate("Reveal.getTotalSlides()")):
        page.evaluate(
            "n => Reveal.slide(...Object.values(Reveal.getIndices(Reveal.getSlides()[n])))", number
        )
        places += page.evaluate(
            """() => [...Reveal.getCurrentSlide().querySelectorAll('h2 + figure svg')]
            .map(svg => svg.getBoundingClientRect()).map(box => [box.top, box.height])"""
        )
    tick, line = page.evaluate(
        """() => ['.claim .tick', '.claim p'].map(part => Reveal.getCurrentSlide()
        .querySelector(part).getBoundingClientRect()).map(box => (box.top + box.bottom) / 2)"""
    )
    page.close()
    assert len(places) == 3
    for top, height in places:
        assert (top, height) == pytest.approx(places[0], abs=1)
    assert tick == pytest.approx(line, abs=4)


#: The formulas whose full stop, comma or ending a browser has put onto the next line.
PARTED = """() => [...document.querySelectorAll('.katex')].filter(formula => {
  const box = [...formula.querySelectorAll('.katex-base, .base')].pop()?.getBoundingClientRect();
  const text = formula.nextSibling;
  if (!box?.width || text?.nodeType !== 3 || !/^[^\\s–—]/.test(text.data)) return false;
  const first = document.createRange();
  first.setStart(text, 0);
  first.setEnd(text, 1);
  return first.getBoundingClientRect().top > box.bottom - 2;
}).map(formula => formula.parentElement.textContent)"""


def test_the_finder_of_parted_lines_sees_one(browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.set_content(
        '<p style="width: 1px">a <span class="katex"><span class="base" style="display: '
        'inline-block">x</span></span>, b</p>'
    )
    found = page.evaluate(PARTED)
    page.close()
    assert found == ["a x, b"]


@pytest.mark.parametrize("export", PAGES, ids=name)
def test_a_page_reads_on_a_phone_is_accessible_and_asks_nobody(
    browser: Browser, made: Made, export: Export
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    requests = recorded(page)
    page.goto(made(export).as_uri())
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 720})
    found = violations(page)
    parted = page.evaluate(PARTED)
    page.close()
    assert not found, "\n".join(found)
    assert not parted
    assert wide <= 391, f"the page is {wide} px wide on a phone of 390"
    assert [url for url in requests if not url.startswith("data:")] == [requests[0]]


def test_the_index_links_everything_and_axe_finds_nothing(browser: Browser) -> None:
    first = build(find(ROOT), ROOT, BUILD)
    for page_path in (first, BUILD / "pl" / "index.html", BUILD / "en" / "index.html"):
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        requests = recorded(page)
        page.goto(page_path.as_uri())
        found = violations(page)
        links = page.evaluate(
            "[...document.querySelectorAll('a')].map(a => a.getAttribute('href'))"
        )
        page.close()
        assert not found, "\n".join(found)
        assert len(requests) == 1
        for link in links:
            assert (page_path.parent / link).is_file(), f"{page_path.name} links {link}"
    for export in exports():
        page_text = (BUILD / export.target.parts[0] / "index.html").read_text(encoding="utf-8")
        assert export.target.relative_to(export.target.parts[0]).as_posix() in page_text
