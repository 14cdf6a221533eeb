"""A system Chromium for the tests, driven by playwright."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
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


# What one step of a deck shows. Of the slide's 1280×720, in slide pixels, a pixel of rounding is
# forgiven; what is drawn for readers of the screen only (clipped to nothing) is not looked at.
LOOK = """
() => {
  const slide = Reveal.getCurrentSlide(), k = Reveal.getScale();
  const box = document.querySelector('.reveal .slides').getBoundingClientRect();
  const bad = [];
  if (slide.scrollHeight > 721) bad.push('the slide is ' + slide.scrollHeight + ' px high');
  const content = slide.querySelector('.content'), room = content.getBoundingClientRect();
  for (const el of slide.matches('.title-slide') ? [] : content.children) {
    const low = (el.getBoundingClientRect().bottom - room.bottom) / k;
    if (el.offsetHeight && low > 5) bad.push(el.tagName + '.' + el.className + ' reaches ' +
      low.toFixed(1) + ' px into the foot: ' + el.textContent.trim().slice(0, 60));
  }
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
  for (const el of slide.querySelectorAll('p, li, td, th, pre')) {
    if (!el.textContent.trim() || el.closest('aside.notes')) continue;
    const size = parseFloat(getComputedStyle(el).fontSize);
    const least = el.matches('pre, td, th') ? 19.5 : 23.9;
    if (size < least) bad.push(el.tagName + ' ' + size + ' px: ' + el.textContent.slice(0, 40));
  }
  const {h, v} = Reveal.getIndices();
  return {at: `slide ${h}-${v}`, bad, complete: !Reveal.availableFragments().next,
          last: Reveal.isLastSlide()};
}
"""
WITHOUT_ALT = """
() => [...document.querySelectorAll('img, svg[role=img], [role=img]')].filter(el =>
  !(el.getAttribute('alt') || el.getAttribute('aria-label') || '').trim()).length
"""
_RUN_AXE = """axe.run(document.querySelector(within),
        {resultTypes: ['violations'], preload: false, elementRef: false})
        .then(found => found.violations)"""
AXE_WHOLE = f"within => {_RUN_AXE}"
# axe builds a tree of the whole document for each run; a deck has a dozen thousand elements, a
# slide some hundred. The other slides step out of the document meanwhile, and back in after it.
AXE_ALONE = f"""
async within => {{
  const shown = Reveal.getCurrentSlide(), out = [];
  for (const section of document.querySelectorAll('.reveal .slides section'))
    if (section.isConnected && section !== shown && !section.contains(shown)) {{
      const mark = document.createComment('');
      section.replaceWith(mark);
      out.push([mark, section]);
    }}
  try {{ return await {_RUN_AXE}; }}
  finally {{ for (const [mark, section] of out) mark.replaceWith(section); }}
}}
"""
SLIDE = "section.present:not(.stack)"
# Half-faded text has no contrast: stand still before looking. Lines of code that are not spoken of
# are dimmed on purpose, until the next step: what axe judges is all of them lit.
STILL = """* { transition: none !important; animation: none !important }
.reveal .walked.walking .line { opacity: 1 !important }"""


def violations(page: Page, within: str = "html", script: str = AXE_WHOLE) -> list[str]:
    """Run axe on a page, or on the part that a selector names; return a line for each finding."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    lines = []
    for violation in page.evaluate(script, within):
        node = violation["nodes"][0]
        told = f"{violation['id']}: {node['html'][:120]}: {node['failureSummary'][:300]}"
        lines.append(told)
    return lines


@dataclass
class Visit:
    """What one walk through a deck saw.

    Attributes:
        total: how many slides the deck has.
        seen: how many of them were walked.
        language: what the document says its language is.
        formulas: how many formulas are set.
        refused: how many of them KaTeX could not set.
        without_alt: how many pictures have no alt text.
        overflows: what sticks out of a slide, is cut off, or is set too small.
        violations: what axe found.
        errors: what scripts threw.
        requests: the addresses that were asked for.
    """

    total: int = 0
    seen: int = 0
    language: str = ""
    formulas: int = 0
    refused: int = 0
    without_alt: int = 0
    overflows: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def visit(browser: Browser, path: Path, *, alone: bool = True) -> Visit:
    """Walk a deck once, step by step, and return all that is to be seen.

    Each step is looked at for what sticks out, each slide is shown to axe when it is complete.

    Args:
        browser: a browser.
        path: the deck.
        alone: whether axe sees each slide alone in the document.
    """
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    found = Visit(requests=recorded(page))
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready='1']", state="attached")
    page.add_style_tag(content=STILL)
    page.evaluate("Reveal.configure({transition: 'none', backgroundTransition: 'none'})")
    found.total = page.evaluate("Reveal.getTotalSlides()")
    found.language = page.evaluate("document.documentElement.lang")
    found.formulas = page.evaluate("document.querySelectorAll('.katex').length")
    found.refused = page.evaluate("document.querySelectorAll('.katex-error').length")
    found.without_alt = page.evaluate(WITHOUT_ALT)
    overflows: dict[str, None] = {}
    breaches: dict[str, None] = {}
    for _ in range(1000):
        page.wait_for_timeout(20)
        step = page.evaluate(LOOK)
        overflows.update(dict.fromkeys(f"{step['at']}: {text}" for text in step["bad"]))
        if step["complete"]:
            lines = violations(page, SLIDE, AXE_ALONE if alone else AXE_WHOLE)
            breaches.update(dict.fromkeys(lines))
            if step["last"]:
                break
        page.evaluate("Reveal.next()")
    else:
        raise AssertionError(f"{path.name} does not end after 1000 steps")
    found.seen = page.evaluate("Reveal.getSlidePastCount() + 1")
    breaches.update(dict.fromkeys(violations(page)))  # the page around the slides
    found.overflows, found.violations = list(overflows), list(breaches)
    page.close()
    return found
