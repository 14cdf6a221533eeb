"""Decks, pages and the RISE style sheet, without a browser."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from fontTools.ttLib import TTFont
from nbformat import NotebookNode

from press.exports import fonts, formulas, interface, katex, rise
from press.exports.deck import DeckExporter, PageExporter
from press.exports.export import export
from press.exports.prose import inline_svg
from press.exports.slides import ExportError, count, stacks

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><defs><marker id="tip">'
    '<path d="M0 0"/></marker></defs><path d="M0 0h9" marker-end="url(#tip)"/>'
    '<text font-family="Source Sans 3">pamięć Ω</text></svg>'
)
DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5E"
    "rkJggg=="
)


def prose(text: str, kind: str = "-") -> NotebookNode:
    cell = v4.new_markdown_cell(text)
    if kind != "-":
        cell.metadata["slideshow"] = {"slide_type": kind}
    return cell


def code(text: str, kind: str = "-", outputs: Any = (), hidden: bool = False) -> NotebookNode:
    cell = v4.new_code_cell(text, outputs=list(outputs))
    if kind != "-":
        cell.metadata["slideshow"] = {"slide_type": kind}
    if hidden:
        cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


def shows(metadata: dict[str, Any] | None = None, **data: str) -> NotebookNode:
    bundle = {key.replace("_", "/"): value for key, value in data.items()}
    return v4.new_output("display_data", data=bundle, metadata=metadata or {})


def lecture() -> NotebookNode:
    cells = [
        prose("# Bramki\n\nPamięć, która wybiera\n\nUnrolled · wykład 03", "slide"),
        prose("## Iloczyn\n\nMnożymy: $a \\odot b$ i $\\text{zażółć}$.\n\n$$\nx\n$$", "slide"),
        prose("Co powie $x^2$?", "notes"),
        code("a * b  # (5,)", "fragment", [v4.new_output("stream", text="[1 0 3]\n")]),
        prose("> Pytanie?", "fragment"),
        prose("### Niżej\n\n![Zawór **na** torze](../../img/pl/valve.svg)", "subslide"),
        prose("ukryte", "skip"),
        prose("## Wykres", "slide"),
        code(
            "plot()",
            outputs=[shows({"image/png": {"alt": 'Sigmoida "S"'}}, image_png=DOT)],
            hidden=True,
        ),
        code("t", outputs=[shows(text_markdown="| a | b |\n|---|--:|\n| 1 | $y$ |")]),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    metadata = {
        "title": "Bramki",
        "language": "pl",
        "language_info": {"name": "python"},
        "rise": {"slideNumber": "c/t", "transition": "fade"},
        "unrolled": {
            "kind": "lecture",
            "number": "03",
            "slug": "gates",
            "edition": "lecture",
            "subtitle": "Pamięć, która wybiera",
        },
    }
    return v4.new_notebook(cells=cells, metadata=metadata)


def save(notebook: NotebookNode, root: Path) -> Path:
    """Write a notebook and its picture as the repository lays them out."""
    import nbformat

    path = root / "lectures" / "pl" / "03_gates.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    picture = root / "img" / "pl" / "valve.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(SVG, encoding="utf-8")
    return path


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return save(lecture(), tmp_path)


class Elements(HTMLParser):
    """The start tags of a page, and the words of its body."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def deck_of(path: Path) -> str:
    html, _ = DeckExporter().from_filename(str(path))
    return str(html)


def page_of(path: Path) -> str:
    html, _ = PageExporter().from_filename(str(path))
    return str(html)


# Slides ------------------------------------------------------------------------------------


def test_cells_make_slides_fragments_and_notes() -> None:
    found = stacks(lecture(), "x.ipynb")
    assert [len(stack) for stack in found] == [1, 2, 1]
    product = found[1][0]
    assert [group.fragment for group in product.groups] == [False, True, True, True]
    assert [place.cell.id for place in product.notes] == ["cell-2"]
    shown = [place.cell.id for stack in found for slide in stack for place in slide.places]
    assert "cell-6" not in shown  # skipped
    assert count(lecture()) == 4


def test_an_unknown_slide_type_is_an_error() -> None:
    bad = lecture()
    bad.cells[1].metadata["slideshow"] = {"slide_type": "sldie"}
    with pytest.raises(ExportError, match=r"x\.ipynb, cell 2 \(cell-1\).*'sldie'"):
        stacks(bad, "x.ipynb")


# Deck and page -----------------------------------------------------------------------------


@pytest.mark.parametrize("write", [deck_of, page_of])
def test_html_is_one_file_that_names_no_host(write: Any, notebook: Path) -> None:
    html = write(notebook)
    elements = Elements(html)
    addresses = [attrs.get("src") for _, attrs in elements.tags if attrs.get("src")]
    assert addresses
    assert all(str(address).startswith("data:") for address in addresses)
    assert not elements.named("link")
    styles = "".join(re.findall(r"<style.*?</style>", html, re.DOTALL))
    targets = re.findall(r"url\(\s*[\"']?(.{5})", styles)
    assert set(targets) == {"data:"}
    assert "@import" not in styles
    assert elements.named("html") == [{"lang": "pl"}]
    assert len(html.encode()) < 600_000


@pytest.mark.parametrize("write", [deck_of, page_of])
def test_the_same_notebook_gives_the_same_bytes(write: Any, notebook: Path) -> None:
    first = write(notebook)
    fonts.cut.cache_clear()
    assert write(notebook) == first


def test_deck_has_a_section_for_each_slide(notebook: Path) -> None:
    html = deck_of(notebook)
    sections = [s for s in Elements(html).named("section") if "slide" in str(s.get("class"))]
    kinds = [str(s["class"]).split() for s in sections]
    assert ["title-slide" in kind for kind in kinds] == [True, False, False, False]
    assert all(kind[0] == "slide" for kind in kinds)
    assert [s.get("data-number") for s in sections] == [None, "2/4", "3/4", "4/4"]
    assert html.count('<div class="fragment">') == 4
    assert "ukryte" not in html


def test_the_outputs_of_visible_code_come_with_the_next_click(notebook: Path) -> None:
    """One may ask what they will be; hidden code has nothing to hide."""
    product = stacks(lecture(), "x.ipynb")[1][0]
    assert [(g.fragment, [part for _, part in g.shown]) for g in product.groups] == [
        (False, ["all"]),
        (True, ["source"]),
        (True, ["outputs"]),
        (True, ["all"]),
    ]
    html = deck_of(notebook)
    code_at, output_at = html.index("# (5,)"), html.index("[1 0 3]")
    assert html[code_at:output_at].count('<div class="fragment') == 1
    assert [place.cell.id for place in product.places] == ["cell-1", "cell-3", "cell-4"]


def test_notes_minutes_are_the_pace_of_the_slides_before_them() -> None:
    notebook = lecture()
    notebook.cells.insert(7, prose("Powiedz.", "notes"))
    notebook.cells[7].metadata["unrolled"] = {"minutes": 3}
    html, _ = DeckExporter().from_notebook_node(trimmed(notebook), {"metadata": {"name": "x"}})
    slides = [s for s in Elements(html).named("section") if "slide" in str(s.get("class"))]
    assert [s.get("data-timing") for s in slides] == ["60", "60", "60", None]


def trimmed(notebook: NotebookNode) -> NotebookNode:
    """Return the small lecture without its picture, which lies beside its file."""
    for cell in notebook.cells:
        cell.source = re.sub(r"!\[.*", "", cell.source)
    return notebook


def test_a_slide_without_notes_has_those_of_the_next_slide_of_its_group(tmp_path: Path) -> None:
    notebook = lecture()
    notebook.cells.insert(5, notebook.cells.pop(2))  # from the first slide of two to the second
    html, _ = DeckExporter().from_filename(str(save(notebook, tmp_path)))
    assert html.count("Co powie") == 2


def test_a_section_is_a_slide_with_the_agenda_and_named_in_the_feet_below() -> None:
    notebook = trimmed(lecture())
    cell = prose("# Zawór\n\n1. Skąd\n1. **Zawór**", "slide")
    cell.metadata["unrolled"] = {"section": "core"}
    notebook.cells.insert(5, cell)
    html, _ = DeckExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    slides = [s for s in Elements(html).named("section") if "slide" in str(s.get("class"))]
    kinds = [str(s["class"]) for s in slides]
    assert [k.split()[1:] for k in kinds] == [["title-slide"], [], ["section-slide"], [], []]
    feet = [s.get("data-foot") for s in slides]
    assert feet[1] == "Unrolled · Bramki"
    assert feet[2:] == ["Unrolled · Bramki · Zawór"] * 3
    lit = embedded(html)["Source Sans 3", "normal", "600"].getBestCmap()
    assert {ord(digit) for digit in "123456789"} <= set(lit)


def test_a_claim_is_a_tick_and_prose() -> None:
    notebook = trimmed(lecture())
    said = shows(text_plain="✓ $g = 1$ pisze", text_markdown="✓ $g = 1$ pisze")
    notebook.cells.append(code("assert True", outputs=[said], hidden=True))
    html, _ = DeckExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    assert '<div class="result claim"><span class="tick">✓</span><p><span class="katex"' in html
    assert "assert" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def test_code_in_steps_has_a_click_for_each() -> None:
    notebook = trimmed(lecture())
    notebook.cells[3].source = 'a = """x\ny"""\nb = 1  # two\n\nc = 2'
    notebook.cells[3].metadata["unrolled"] = {"steps": "1-2|3|5"}
    html, _ = DeckExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    assert re.findall(r'data-lines="([^"]*)"', html) == ["1-2", "3", "5"]
    walked = re.search(r'<div class="walked">(.*?)</div>', html, re.DOTALL)
    assert walked
    lines = walked[1].split('<span class="line">')[1:]
    assert len(lines) == 5
    # A token of many lines is cut at their ends: each line's tags are closed on it.
    assert all(line.count("<span") + 1 == line.count("</span") for line in lines[:-1])


def test_the_works_are_few_on_a_slide_and_all_on_paper() -> None:
    notebook = trimmed(lecture())
    few, every = prose("## Literatura\n\n- A", "slide"), prose("## Literatura\n\n- A\n- B", "skip")
    few.metadata["unrolled"], every.metadata["unrolled"] = {"shown": "slides"}, {"shown": "paper"}
    notebook.cells += [few, every]
    deck, _ = DeckExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    page, _ = PageExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    assert (deck.count("<li>A</li>"), deck.count("<li>B</li>")) == (1, 0)
    assert (page.count("<li>A</li>"), page.count("<li>B</li>")) == (1, 1)


def test_a_deck_speaks_its_language_also_where_reveal_speaks() -> None:
    notebook = trimmed(lecture())
    polish, _ = DeckExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    notebook.metadata["language"] = "en"
    english, _ = DeckExporter().from_notebook_node(notebook, {"metadata": {"name": "x"}})
    for words in interface.POLISH.values():
        for old, new in words.items():
            assert old in english
            assert new.replace("</script", "<\\/script") in polish
    with pytest.raises(ValueError, match="does not say"):
        interface.spoken("nothing", "reveal.js", "pl")


def test_notes_are_mathml_because_their_window_has_no_style_sheet(notebook: Path) -> None:
    notes = re.search(r'<aside class="notes">(.*?)</aside>', deck_of(notebook), re.DOTALL)
    assert notes
    assert "<math" in notes[1]
    assert "katex-html" not in notes[1]


def test_hidden_code_is_not_shown_and_its_figure_is(notebook: Path) -> None:
    for html in (deck_of(notebook), page_of(notebook)):
        assert "plot" not in re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
        images = Elements(html).named("img")
        assert [image["alt"] for image in images] == ['Sigmoida "S"']


def test_a_drawing_stands_inline_with_its_alt_text(notebook: Path) -> None:
    drawn = [svg for svg in Elements(deck_of(notebook)).named("svg") if "role" in svg]
    assert [(svg["role"], svg["aria-label"]) for svg in drawn] == [("img", "Zawór na torze")]


def test_ids_of_two_drawings_do_not_clash() -> None:
    both = inline_svg(SVG, "a", "pic1") + inline_svg(SVG, "b", "pic2")
    ids = re.findall(r'\bid="([^"]+)"', both)
    assert len(ids) == len(set(ids)) == 4
    assert "url(#pic1-tip)" in both
    assert "url(#pic2-tip)" in both
    assert 'viewBox="0 0 90 30"' in both


def test_a_style_inside_a_drawing_stays_there() -> None:
    styled = SVG.replace("<defs>", "<style>*{fill:red}</style><defs>")
    assert "#pic1{*{fill:red}}" in inline_svg(styled, "a", "pic1")


def test_page_lists_its_headings(notebook: Path) -> None:
    elements = Elements(page_of(notebook))
    links = [a["href"] for a in elements.named("a")]
    assert links == [f"#{h['id']}" for h in elements.named("h2")]
    assert len(links) == 2


def test_wide_code_on_a_page_is_reached_by_keyboard(notebook: Path) -> None:
    blocks = Elements(page_of(notebook)).named("pre")
    assert blocks
    assert all(block["tabindex"] == "0" and block["aria-label"] for block in blocks)


# Errors ------------------------------------------------------------------------------------


def test_a_missing_picture_names_notebook_cell_and_path(tmp_path: Path) -> None:
    path = save(lecture(), tmp_path)
    (tmp_path / "img" / "pl" / "valve.svg").unlink()
    expected = r"03_gates\.ipynb, cell 6 \(cell-5\): there is no picture \.\./\.\./img/pl/valve"
    for write in (deck_of, page_of):
        with pytest.raises(ExportError, match=expected):
            write(path)


def test_a_picture_of_another_host_is_refused(tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[1].source = "![Kot](https://example.org/cat.png)"
    with pytest.raises(ExportError, match="another host"):
        deck_of(save(bad, tmp_path))


def test_a_bad_formula_names_cell_and_formula(tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[1].source = "Wzór $\\frac{1}{\\foo}$."
    with pytest.raises(katex.FormulaError, match=r"cell 2 \(cell-1\).*frac.*foo"):
        deck_of(save(bad, tmp_path))


def test_what_touches_a_formula_stays_on_its_line(tmp_path: Path) -> None:
    notebook = lecture()
    long = "+".join("abcdefghijklmnopqrstuvwxyz")
    notebook.cells[
        1
    ].source = f"Stan $x$, potem **$y$** i $n$-gram, ($z$) oraz $t$ i ${long}$. Koniec $k$'s *a*."
    html = deck_of(save(notebook, tmp_path))
    ends = re.findall(r'<no-br><span class="katex".*?</span>([^<]+)</no-br>', html)
    assert ends[:4] == [",", "-", ")", "’s"]
    assert "gram, (" in html
    assert "</span>. Koniec" in html
    assert "</no-br> potem" in html


def test_a_figure_without_alt_text_is_refused(tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[8].outputs[0].metadata = {}
    with pytest.raises(ExportError, match=r"cell 9 \(cell-8\).*no alt text"):
        deck_of(save(bad, tmp_path))


def test_an_output_that_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[3].outputs = [shows(text_html="<b>x</b>")]
    with pytest.raises(ExportError, match=r"cell 4 \(cell-3\).*text/html"):
        deck_of(save(bad, tmp_path))


# Formulas ----------------------------------------------------------------------------------


def test_formulas_of_prose_and_tables_are_found(notebook: Path) -> None:
    assert formulas.check(notebook) == []
    found = formulas.formulas(lecture(), "x.ipynb")
    assert [f.tex.strip() for f in found] == ["a \\odot b", "\\text{zażółć}", "x", "x^2", "y"]
    assert [f.display for f in found] == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$\\foo$", "KaTeX"),
        ("$\\smash{x}$", "pandoc"),
        ("a $ x$ b", "not in both"),
    ],
)
def test_a_formula_that_one_engine_refuses_is_reported(
    text: str, reason: str, tmp_path: Path
) -> None:
    bad = lecture()
    bad.cells[1].source = text
    said = [str(error) for error in formulas.check(save(bad, tmp_path))]
    assert any(reason in line and "cell 2 (cell-1)" in line for line in said), said


@pytest.mark.parametrize(
    "tex",
    [
        "\\begin{aligned} s &= g \\odot x \\\\ &+ (1-g) \\odot s \\end{aligned}",
        "\\begin{cases} 1 & \\text{gdy } z > 0 \\\\ 0 \\end{cases}",
        "W \\in \\mathbb{R}^{n \\times m}, \\quad \\begin{pmatrix} 1 & 0 \\\\ 0 & 1 \\end{pmatrix}",
        "\\sigma\\!\\left(\\frac{\\partial s_t}{\\partial s_{t-1}}\\right) \\operatorname{diag}(f)",
    ],
)
def test_both_engines_set_the_formulas_of_the_course(tex: str) -> None:
    place = stacks(lecture(), "x.ipynb")[1][0].groups[0].places[0]
    formula = formulas.Formula(tex, display=True, place=place)
    assert "katex-html" in formulas.through_katex(formula)
    assert formulas.through_typst(formula).startswith("$ ")


def test_polish_letters_in_a_formula_stay_whole() -> None:
    html = katex.render("\\text{zażółć gęślą}", output="html")
    assert "zażółć" in re.sub(r"<[^>]+>|\u200b", "", html)
    assert "accent" not in html


# Fonts and RISE ----------------------------------------------------------------------------


def embedded(css: str) -> dict[tuple[str, str, str], TTFont]:
    rules = re.findall(
        r'font-family:"([^"]+)";font-style:(\w+);font-weight:(\d+);[^}]*?base64,([^)]+)\)', css
    )
    return {
        (family, style, weight): TTFont(BytesIO(base64.b64decode(data)))
        for family, style, weight, data in rules
    }


def test_fonts_hold_what_the_deck_shows_and_little_more(notebook: Path) -> None:
    faces = embedded(deck_of(notebook))
    sans = faces["Source Sans 3", "normal", "400"].getBestCmap()
    assert {ord(letter) for letter in "Mnożymypamięć?"} <= set(sans)
    assert len(sans) < 120
    assert ord("⊙") in faces["KaTeX_Main", "normal", "400"].getBestCmap()
    assert ("KaTeX_Fraktur", "normal", "400") not in faces


def test_rise_style_sheet_is_small_and_knows_polish_and_greek() -> None:
    css = rise.TARGET.read_text(encoding="utf-8")
    assert len(css.encode()) < 250_000
    faces = embedded(css)
    cmap = faces["Source Sans 3", "normal", "400"].getBestCmap()
    assert {ord(letter) for letter in fonts.POLISH + "„”αΩ–"} <= set(cmap)
    assert "http" not in re.sub(r"base64,[^)]*", "", css)


def test_rise_style_sheet_is_up_to_date_with_its_rules_and_fonts() -> None:
    css = rise.TARGET.read_text(encoding="utf-8")
    late = "press/static/rise.css is out of date; run: python -m press.exports.rise"
    assert css.startswith(rise.rules()), late
    faces = embedded(css)
    for face, text in rise.FACES.items():
        style = "italic" if face.italic else "normal"
        cmap = faces[face.family, style, str(face.weight)].getBestCmap()
        assert set(text) & fonts.characters(face.path) == set(map(chr, cmap)), late


# Calls -------------------------------------------------------------------------------------


def test_export_writes_beside_the_name_of_the_notebook(notebook: Path, tmp_path: Path) -> None:
    assert export(notebook, tmp_path / "out", "deck").name == "03_gates.slides.html"
    assert export(notebook, tmp_path / "out", "page").name == "03_gates.html"
    with pytest.raises(ValueError, match="no format 'docx'"):
        export(notebook, tmp_path, "docx")


def test_nbconvert_knows_the_deck(notebook: Path, tmp_path: Path) -> None:
    nbconvert = shutil.which("jupyter-nbconvert", path=str(Path(sys.executable).parent))
    assert nbconvert, "jupyter-nbconvert is not installed beside Python"
    command = [nbconvert, "--to", "unrolled-deck", "--output-dir", str(tmp_path), str(notebook)]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "03_gates.slides.html").read_text(encoding="utf-8") == deck_of(notebook)


def test_an_empty_corner_of_a_table_is_no_heading() -> None:
    html = '<tr><th style="text-align: left"></th><th>LSTM</th></tr>'
    assert katex.named_headings(html) == "<tr><td></td><th>LSTM</th></tr>"


def test_a_heading_that_is_a_formula_alone_has_a_name() -> None:
    alone, among = katex.render(r"b_f = \log T"), katex.render("x")
    html = katex.named_headings(f"<tr><th>{alone}</th><th>steps {among}</th></tr><td>{among}</td>")
    assert re.findall('aria-label="([^"]*)"', html) == ["b f = log T"]
    assert html.replace(' aria-label="b f = log T"', "") == (
        f"<tr><th>{alone}</th><th>steps {among}</th></tr><td>{among}</td>"
    )
