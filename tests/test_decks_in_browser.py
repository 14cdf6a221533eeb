"""Every deck, page and index in a real browser: it fits, it is readable, it asks nobody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import chromium, recorded, violations
from playwright.sync_api import Browser

from press.site import Export, build, exports, make
from press.source import find, read
from unrolled.messages import LANGUAGES

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parent.parent
ALL = [e for path in find(ROOT) for lang in LANGUAGES for e in exports(read(path), ROOT, lang)]
DECKS = [e for e in ALL if e.exporter == "unrolled-deck"]
PAGES = [e for e in ALL if e.exporter == "unrolled-page"]

# What of the slide on show sticks out of its 1280×720, in slide pixels. A pixel of rounding is
# forgiven; what is drawn for readers of the screen only (clipped to nothing) is not looked at.
STICKS_OUT = """
() => {
  const slide = Reveal.getCurrentSlide(), k = Reveal.getScale();
  const box = document.querySelector('.reveal .slides').getBoundingClientRect();
  const bad = [];
  if (slide.scrollHeight > 721) bad.push('the slide is ' + slide.scrollHeight + ' px high');
  if (slide.scrollWidth > 1281) bad.push('the slide is ' + slide.scrollWidth + ' px wide');
  for (const el of slide.querySelectorAll('*')) {
    if (el.closest('.katex-mathml, aside.notes, svg, math') || el.matches('aside.notes')) continue;
    const style = getComputedStyle(el);
    if (style.visibility === 'hidden' || style.display === 'none') continue;
    const r = el.getBoundingClientRect();
    if (!r.width || !r.height || style.clipPath !== 'none') continue;
    const over = Math.max(box.top - r.top, r.bottom - box.bottom, box.left - r.left,
                          r.right - box.right) / k;
    if (over > 1) bad.push(el.tagName + '.' + el.className + ' by ' + over.toFixed(1) + ' px: ' +
                           el.textContent.trim().slice(0, 60));
    if (style.overflowX !== 'visible' && el.scrollWidth > el.clientWidth + 1 &&
        !el.closest('.katex'))
      bad.push(el.tagName + '.' + el.className + ' is cut off: ' +
               el.textContent.trim().slice(0, 60));
  }
  return bad;
}
"""
SMALL_TEXT = """
() => {
  const small = [], k = 1;
  for (const el of Reveal.getCurrentSlide().querySelectorAll('p, li, td, th, pre')) {
    if (!el.textContent.trim() || el.closest('aside.notes')) continue;
    const size = parseFloat(getComputedStyle(el).fontSize);
    const least = el.matches('pre, td, th') ? 19.5 : 23.9;
    if (size < least) small.push(el.tagName + ' ' + size + ' px: ' + el.textContent.slice(0, 40));
  }
  return small;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("course")


def name(export: Export) -> str:
    return export.target.as_posix()


@pytest.mark.parametrize("export", DECKS, ids=name)
def test_no_slide_overflows_and_nothing_is_asked_of_any_host(
    browser: Browser, out: Path, export: Export
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    requests = recorded(page)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    address = make(export, out).as_uri()
    page.goto(address)
    page.wait_for_selector("html[data-ready='1']", state="attached")
    total = page.evaluate("Reveal.getTotalSlides()")
    walked, problems = 0, []
    while True:
        page.wait_for_timeout(20)
        where = page.evaluate("Reveal.getIndices()")
        for text in page.evaluate(STICKS_OUT) + page.evaluate(SMALL_TEXT):
            problems.append(f"slide {where['h']}-{where['v']}: {text}")
        if page.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
            break
        page.evaluate("Reveal.next()")
        walked += 1
        assert walked < 1000
    seen = page.evaluate("Reveal.getSlidePastCount() + 1")
    page.close()
    assert seen == total, f"walked {seen} of {total} slides"
    assert not problems, "\n".join(dict.fromkeys(problems))
    assert not errors
    outside = [url for url in requests if not url.startswith(("file:", "data:", "blob:"))]
    assert not outside
    assert len([url for url in requests if url.startswith("file:")]) == 1


@pytest.mark.parametrize("export", DECKS, ids=name)
def test_a_deck_is_one_small_file_with_its_math_set(
    browser: Browser, out: Path, export: Export
) -> None:
    path = make(export, out)
    assert path.stat().st_size < 1_000_000
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    assert page.evaluate("document.querySelectorAll('.katex').length") > 0
    assert page.evaluate("document.querySelectorAll('.katex-error').length") == 0
    assert page.evaluate("document.documentElement.lang") == export.target.parts[0]
    missing = page.evaluate(
        """[...document.querySelectorAll('img, svg[role=img], [role=img]')].filter(el =>
        !(el.getAttribute('alt') || el.getAttribute('aria-label') || '').trim()).length"""
    )
    page.close()
    assert missing == 0


@pytest.mark.parametrize("export", [*DECKS, *PAGES], ids=name)
def test_axe_finds_nothing(browser: Browser, out: Path, export: Export) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(make(export, out).as_uri())
    found = set()
    if export.exporter == "unrolled-deck":
        page.wait_for_selector("html[data-ready='1']", state="attached")
        # Half-faded text has no contrast: stand still before looking.
        page.add_style_tag(content="* { transition: none !important; animation: none !important }")
        page.evaluate("Reveal.configure({transition: 'none', backgroundTransition: 'none'})")
        for _ in range(page.evaluate("Reveal.getTotalSlides()")):
            while page.evaluate("Reveal.availableFragments().next"):
                page.evaluate("Reveal.nextFragment()")
            page.wait_for_timeout(10)
            found.update(violations(page, "section.present:not(.stack)"))
            page.evaluate("Reveal.next()")
        found.update(violations(page))  # the page around the slides
    else:
        found.update(violations(page))
    page.close()
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("export", PAGES, ids=name)
def test_a_page_reads_on_a_phone_and_asks_nobody(
    browser: Browser, out: Path, export: Export
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    requests = recorded(page)
    page.goto(make(export, out).as_uri())
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= 391, f"the page is {wide} px wide on a phone of 390"
    assert [url for url in requests if not url.startswith("data:")] == [requests[0]]


def test_the_index_links_everything_and_axe_finds_nothing(browser: Browser, out: Path) -> None:
    first = build(find(ROOT), ROOT, out)
    for page_path in (first, out / "pl" / "index.html", out / "en" / "index.html"):
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
    for export in ALL:
        page_text = (out / export.target.parts[0] / "index.html").read_text(encoding="utf-8")
        assert export.target.relative_to(export.target.parts[0]).as_posix() in page_text
