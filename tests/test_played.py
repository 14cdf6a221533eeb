"""Sounds and animations in decks, pages, PDFs and editions."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import nbformat.v4 as v4
import numpy as np
import pytest
from browser import chromium, visit
from IPython.display import Audio
from test_deck import code, deck_of, lecture, page_of, save, shows

from press.exports.pdf import slides_document
from press.exports.slides import ExportError
from press.notebooks import editions
from press.sources.sounds import wav
from press.sources.source import SourceError
from unrolled import animation
from unrolled.animation import Animation

SOUND = Audio(np.sin(np.arange(2000)), rate=4000)._repr_html_()
MOVES = Animation([np.full((3, 5), v) for v in (0.1, 0.9)], pl="dwa kroki", en="two steps")


def played(alt: str = "Ton o stałej wysokości") -> Any:
    """Return the small lecture with a slide for a sound and one for an animation."""
    notebook = lecture()
    data, _ = MOVES._repr_mimebundle_()
    sound = shows(text_html=SOUND, text_plain="<IPython.lib.display.Audio object>")
    moving = shows(**{"text_html": data["text/html"], "image_png": data["image/png"]})
    for kind, output in (("sound", sound), ("moving", moving)):
        notebook.cells.append(v4.new_markdown_cell(f"## {kind}"))
        notebook.cells[-1].metadata["slideshow"] = {"slide_type": "slide"}
        notebook.cells[-1]["id"] = f"{kind}-title"
        cell = code("play()", outputs=[output], hidden=True)
        cell["id"] = kind
        if alt:
            cell.metadata["alt"] = alt
        notebook.cells.append(cell)
    return notebook


def test_a_deck_and_a_page_play_what_they_hold(tmp_path: Path) -> None:
    path = save(played(), tmp_path)
    for html in (deck_of(path), page_of(path)):
        assert html.count("<audio controls") == 1
        assert 'aria-label="Ton o stałej wysokości" src="data:audio/wav;base64,UklGR' in html
        assert html.count('<svg class="reel"') == 1
        assert "checked> playing</label> <span>two steps</span>" in html
        assert html.count('<img class="still"') == 1
        assert "IPython.lib" not in html


def test_a_pdf_says_the_sound_and_shows_the_frames(tmp_path: Path) -> None:
    notebook = nbformat.read(save(played(), tmp_path), as_version=4)
    resources = {"metadata": {"path": str(tmp_path / "lectures" / "pl"), "name": "03_gates"}}
    (tmp_path / "typst").mkdir()
    document = slides_document(notebook, resources, tmp_path / "typst")
    told = document.replace("\\", "")
    assert "#emph[Dźwięk (0,5 s): Ton o stałej wysokości]" in told
    assert document.count("#picture(") >= 3


def test_what_plays_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="a sound has no alt text"):
        deck_of(save(played(alt=""), tmp_path))


def test_only_what_audio_writes_is_a_sound() -> None:
    assert wav(SOUND)
    assert wav(f"{SOUND}<script>x</script>") is None
    assert wav(SOUND.replace("controls", "onplay=x controls")) is None
    assert wav(SOUND.replace("data:audio/wav;base64,", "https://example.org/")) is None


def test_an_edition_names_what_it_plays() -> None:
    data, _ = MOVES._repr_mimebundle_()
    outputs = {
        "sound": shows(text_html=SOUND),
        "moving": shows(**{"text_html": data["text/html"], "image_png": data["image/png"]}),
    }
    for name, output in outputs.items():
        alt = {"pl": "ton", "en": "a tone"}
        cell = SimpleNamespace(id=name, line=7, metadata={"alt": alt})
        source = SimpleNamespace(cells=[cell], path=Path("06_x.md"))
        notebook = v4.new_notebook(cells=[v4.new_code_cell("play()", id=name)])
        notebook.metadata["language"] = "en"
        ran = {name: {"execution_count": 1, "outputs": [output]}}
        editions.dress(notebook, ran, source)  # type: ignore[arg-type]
        (out,) = notebook.cells[0].outputs
        if name == "sound":
            assert out.metadata == {"text/html": {"alt": "a tone"}}
        else:
            assert out.metadata == {"image/png": {"alt": "a tone"}}
            player = animation.read(out.data["text/html"])
            assert player is not None
            assert player.alt == "a tone"
        cell.metadata = {}
        with pytest.raises(SourceError, match="plays a sound and has no `alt`"):
            editions.dress(notebook, ran, source)  # type: ignore[arg-type]


@pytest.mark.browser
def test_a_deck_plays_stops_and_stands_still(tmp_path: Path) -> None:
    path = tmp_path / "deck.html"
    path.write_text(deck_of(save(played(), tmp_path)), encoding="utf-8")
    state = "getComputedStyle(document.querySelector('.reel image')).animationPlayState"
    with chromium() as browser:
        seen = visit(browser, path)
        assert not seen.overflows + seen.violations + seen.errors
        assert not [url for url in seen.requests if not url.startswith(("file:", "data:"))]
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        page.evaluate("Reveal.slide(3)")
        page.evaluate("document.querySelector('audio').load()")
        page.wait_for_function("document.querySelector('audio').readyState > 0")
        assert abs(page.evaluate("document.querySelector('audio').duration") - 0.5) < 0.01
        page.evaluate("Reveal.slide(4)")
        assert page.evaluate(state) == "running"
        page.click("text=playing")
        assert page.evaluate(state) == "paused"
        assert page.evaluate("document.activeElement.tagName") == "BODY", "keys move the slides"
        calm = browser.new_page(reduced_motion="reduce")
        calm.goto(path.as_uri())
        calm.wait_for_selector("html[data-ready]")
        calm.evaluate("Reveal.slide(4)")
        assert calm.is_visible("img.still")
        assert not calm.is_visible("svg.reel")
        assert not calm.is_visible("text=playing")
