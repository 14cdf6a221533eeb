"""What a page can do without: the same look from fewer bytes."""

from __future__ import annotations

import base64
import random
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from test_deck import SVG, deck_of, lecture, save

from press.exports import lean
from press.exports.prose import inline_svg


def png(image: Image.Image) -> str:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_smaller_picture_has_the_same_pixels(mode: str) -> None:
    draw = random.Random(0)
    image = Image.new(mode, (200, 100))
    colours = [tuple(draw.randrange(256) for _ in mode) for _ in range(8)]
    image.putdata([colours[(x // 9 + x // 200) % 8] for x in range(200 * 100)])
    data = png(image)
    smaller = lean.webp(data)
    assert smaller
    assert len(smaller) < len(data)
    with Image.open(BytesIO(base64.b64decode(smaller))) as back:
        assert np.array_equal(np.asarray(back.convert(mode)), np.asarray(image))


def test_a_picture_that_would_grow_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lean.webp(png(Image.new("P", (1, 1)))) is not None
    monkeypatch.setattr(Image.Image, "save", lambda self, to, *_, **__: to.write(b"x" * 9999))
    lean.webp.cache_clear()
    assert lean.webp(DOT) is None
    lean.webp.cache_clear()


DOT = png(Image.new("RGB", (1, 1)))


def test_styles_that_several_elements_share_become_rules_and_notes_keep_theirs() -> None:
    same = '<i class="a" style="top:1em;left:0;">x</i><b style="top:1em;left:0;"/>'
    once = '<u style="top:9em">x</u>'
    notes = '<aside class="notes"><i style="top:1em;left:0;">x</i></aside>'
    html, rules = lean.shared_styles(same + once + same + notes)
    assert html == ('<i class="a _0">x</i><b class="_0"/>' + once) + (
        '<i class="a _0">x</i><b class="_0"/>' + notes
    )
    assert rules == "._0{top:1em!important;left:0!important}"


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{x:y}.b{x:y}", ".a{x:y}"),
        (".a,.b .a{x:y}", ".a{x:y}"),
        ("#b{x:y}p{x:y}", "p{x:y}"),
        (".a:not(.b){x:y}", ".a:not(.b){x:y}"),
        (".a:is(.b,.c){x:y}", ".a:is(.b,.c){x:y}"),
        (".a[k=b]{x:y}.a[k=v]{x:y}", ".a[k=v]{x:y}"),
        (".a[k^=b]{x:y}", ".a[k^=b]{x:y}"),
        ("@media print{.a{x:y}.b{x:y}}@media print{.b{x:y}}", "@media print{.a{x:y}}"),
        ("@keyframes b{0%{x:y}}", "@keyframes b{0%{x:y}}"),
        ('@charset "b";.a{c:"}"}', '@charset "b";.a{c:"}"}'),
    ],
)
def test_rules_go_that_cannot_match(css: str, kept: str) -> None:
    assert lean.used_rules(css, '<p class="a" k="v">') == kept


def test_names_that_no_style_sheet_knows_go() -> None:
    html = '<span class="mord"><span class="mord mathnormal mtight">x</span></span>'
    assert lean.bare(html) == '<span><span class="mathnormal">x</span></span>'
    assert lean.bare('<math xmlns="http://x">') == "<math>"


def test_katex_has_no_rule_for_the_names_that_go() -> None:
    from press.exports.katex import style_sheet

    known = {name for name in lean._ATOMS if f".{name}" in style_sheet()}
    assert not known


def test_a_moved_letter_stays_in_its_place() -> None:
    drawing = SVG.replace("<text", '<use href="#tip" transform="translate(3 0)"/><text')
    assert 'href="#p-tip" x="3"/>' in inline_svg(drawing, "a", "p", {})
    scaled = drawing.replace("translate(3 0)", "translate(3 0) scale(2)")
    assert 'transform="translate(3 0) scale(2)"' in inline_svg(scaled, "a", "p", {})


def test_the_notes_window_comes_without_a_markdown_reader(tmp_path: Path) -> None:
    html = deck_of(save(lecture(), tmp_path))
    assert "RevealNotes" in html
    assert "data-markdown=" not in html, "notes would need the reader that was left out"
